"""Danish dates and times as Danish readers write them: 4. marts 2027 kl. 9.30."""

DATE_FORMAT = "j. F Y"
TIME_FORMAT = "G.i"
# The hour stays on the line of its "kl.".
DATETIME_FORMAT = "j. F Y \\k\\l.\N{NO-BREAK SPACE}G.i"
SHORT_DATETIME_FORMAT = "d.m.Y \\k\\l.\N{NO-BREAK SPACE}G.i"
