"""A meeting's papers as PDF: badges to cut out, and the list of participants."""
