"""Reports on members, coverage, money and attendance, each of the networks that the user sees."""
