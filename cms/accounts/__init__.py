"""Staff sign-in: allauth's flows with our rules on who counts as signed in."""
