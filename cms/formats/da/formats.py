"""Danish dates and times as Danish readers write them: 4. marts 2027 kl. 9.30."""

DATE_FORMAT = "j. F Y"
TIME_FORMAT = "G.i"
DATETIME_FORMAT = r"j. F Y \k\l. G.i"
SHORT_DATETIME_FORMAT = r"d.m.Y \k\l. G.i"
