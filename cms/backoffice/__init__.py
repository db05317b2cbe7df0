"""What the administration's screens share: lists, single rows, actions and exports.

modeladmin registers the addresses and the menu; every view is Wagtail's own generic one or built
on its furniture, and asks the model's row policy before it shows or does anything.
"""
