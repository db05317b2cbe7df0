"""What visitors meet beside the pages: the form's endpoint, mailed links, calendars."""

from django.urls import URLPattern, path

from networks.public import calendars, confirmation, my_membership, personal_link, signup

urlpatterns: list[URLPattern] = [
    path("tilmelding/<int:page_id>/", signup.submit, name="signup"),
    path("tilmelding/modtaget/<str:receipt>/", signup.done, name="signup_done"),
    path("bekraeft/<str:token>/", confirmation.confirm, name="confirm"),
    path("accept/<str:token>/", confirmation.accept, name="accept"),
    path("betaling/<str:token>/", my_membership.payment, name="payment"),
    path("mit-medlemskab/<str:token>/", my_membership.membership, name="membership"),
    path("mit-medlemskab/<str:token>/udmeld/", my_membership.cancel, name="membership_cancel"),
    path("nyt-link/", personal_link.new_link, name="new_link"),
    path("kalender/moede/<int:meeting_id>.ics", calendars.meeting, name="meeting_calendar"),
    path("kalender/netvaerk/<int:page_id>.ics", calendars.network, name="network_calendar"),
]
