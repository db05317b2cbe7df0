"""The demo's Danish texts: three networks, and the pages around them."""

from dataclasses import dataclass

HOME_INTRODUCTION = (
    "Fagligt fællesskab på tværs af landets 98 kommuner. Find et netværk inden for dit område, "
    "mød kolleger, der står med de samme opgaver, og meld dig til på et øjeblik."
)
HOME_BODY = (
    "<p>Netværkene er for medarbejdere og ledere i kommunerne. De mødes nogle gange om året, "
    "deler erfaringer, får ny viden med hjem og hjælper hinanden videre mellem møderne.</p>"
)
TOPIC_INTRODUCTION = (
    "Kultur, kunst, idræt og fritid er tæt på borgerne. Her finder du netværk for dig, der "
    "arbejder med området i en kommune."
)
INDEX_INTRODUCTION = (
    "Tre netværk på kultur- og fritidsområdet. Se hvem de er for, hvornår de mødes næste gang, "
    "hvad de koster, og meld dig til."
)

ABOUT = (
    "<p>Kommunenetværk samler de faglige netværk, som kommunernes medarbejdere kan være med i. "
    "Hvert netværk har sin egen side med formål, målgruppe, møder og pris, og du melder dig til "
    "direkte på siden uden at oprette en bruger.</p>"
    "<h3>Sådan gør du</h3>"
    "<ol><li>Find netværket under dit fagområde.</li>"
    "<li>Udfyld formularen nederst på netværkets side.</li>"
    "<li>Bekræft din mailadresse med det link, vi sender.</li></ol>"
)
PRIVACY = (
    "<p>Vi behandler de oplysninger, du giver i formularen, for at kunne drive netværkene: holde "
    "styr på pladser, indkalde til møder og opkræve betaling.</p>"
    "<h3>Grundlag</h3><p>Behandlingen sker for at opfylde aftalen om medlemskab, ud fra vores "
    "legitime interesse i at kunne kontakte deltagere, og for at overholde bogføringsloven.</p>"
    "<h3>Hvor længe</h3><p>Ubekræftede tilmeldinger slettes efter 30 dage, afviste efter seks "
    "måneder og medlemmers oplysninger 12 måneder efter medlemskabets ophør. Bilag gemmes i fem "
    "år efter regnskabsårets udløb.</p>"
    "<h3>Dine rettigheder</h3><p>Du kan se, få rettet og få slettet dine oplysninger. Skriv til "
    "databeskyttelseskontakten, hvis du har spørgsmål. Du kan klage til Datatilsynet.</p>"
)
ACCESSIBILITY = (
    "<p>Siden skal kunne bruges af alle. Den følger WCAG 2.2 på niveau AA, kan betjenes med "
    "tastatur og virker uden JavaScript. Skriv til os, hvis du møder en forhindring.</p>"
)


@dataclass(frozen=True)
class NetworkText:
    title: str
    slug: str
    introduction: str
    purpose: str
    audience: str
    audience_summary: str
    practicalities: str
    body: str


CULTURE = NetworkText(
    title="Netværk for kulturchefer",
    slug="kulturchefer",
    introduction=(
        "Et rum for kommunernes øverste ledere på kulturområdet, hvor de store spørgsmål kan "
        "vendes med nogen, der kender dem indefra."
    ),
    purpose=(
        "<p>Netværket giver kulturchefer et sted at dele viden, hente inspiration og lære af "
        "hinanden. Vi taler om kulturens værdi og virkning og om det, der rører sig på området "
        "lige nu, og KL fortæller nyt fra det politiske arbejde.</p>"
        "<p>Deltagerne vælger selv emnerne og er med til at forme møderne. Til hvert møde "
        "inviterer vi en oplægsholder udefra.</p>"
    ),
    audience=(
        "<p>Kulturchefer og andre ledere på kulturområdet, som arbejder direkte sammen med det "
        "politiske niveau i kommunen.</p>"
    ),
    audience_summary="Kulturchefer og ledere tæt på det politiske niveau",
    practicalities=(
        "<p>Vi mødes tre gange om året, på skift i landet og med god tid til samtale over en "
        "frokost. Du betaler selv transporten.</p>"
    ),
    body=(
        "<p>Pladsen er personlig. Skifter du job, kan den gå videre til din efterfølger, så "
        "kommunen ikke mister sin stemme i netværket.</p>"
    ),
)

ART = NetworkText(
    title="Kunst i det offentlige rum",
    slug="kunst-i-det-offentlige-rum",
    introduction=(
        "For konsulenter, der arbejder strategisk med kunst på pladser, i parker og i kommunens "
        "bygninger – eller gerne vil i gang."
    ),
    purpose=(
        "<p>Kunst i det offentlige rum rejser spørgsmål om sted, ejerskab, økonomi og drift. I "
        "netværket kan de stilles højt. Det er et fortroligt rum, hvor vi tænker sammen, lærer af "
        "hinandens projekter og får ny viden fra kunstnere og fagfolk.</p>"
    ),
    audience=(
        "<p>Konsulenter og projektledere i kommuner, som arbejder strategisk med kunst i det "
        "offentlige rum eller ønsker at komme i gang med det.</p>"
    ),
    audience_summary="Konsulenter, der arbejder med kunst i det offentlige rum",
    practicalities=(
        "<p>Møderne veksler mellem oplæg og workshops. Et par gange om året tilbyder vi en "
        "studietur, som det er frivilligt at tage med på; rejse og ophold betaler du selv.</p>"
    ),
    body=(
        "<p>KL og Billedkunstnernes Forbund driver netværket sammen. Det, der bliver sagt i "
        "rummet, bliver i rummet.</p>"
    ),
)

LEISURE = NetworkText(
    title="Netværk for fritidsfaciliteter",
    slug="fritidsfaciliteter",
    introduction=(
        "Hvordan udvikler vi haller, baner, svømmebade og mødesteder, så de holder – økonomisk, "
        "klimamæssigt og for dem, der bruger dem?"
    ),
    purpose=(
        "<p>Netværket styrker kommunernes arbejde med at udvikle idræts- og fritidsfaciliteter "
        "bæredygtigt: i økonomien, for klimaet og for fællesskaberne. Vi blander oplæg med "
        "medlemmernes egne erfaringer, workshops og sparring på konkrete sager.</p>"
        "<p>Kommunerne ejer netværket: de er værter for møderne og bidrager selv med indhold.</p>"
    ),
    audience=(
        "<p>Kommunale medarbejdere, der arbejder strategisk med idræts- og fritidsfaciliteter: "
        "fritidschefer, facilitetsansvarlige, planlæggere og ansatte i ejendomsafdelinger.</p>"
        "<p>Staten, private virksomheder og organisationer kan ikke være medlemmer, men kan "
        "inviteres til et enkelt møde som oplægsholdere eller eksperter.</p>"
    ),
    audience_summary="Fritidschefer, facilitetsansvarlige, planlæggere og ejendomsfolk",
    practicalities=(
        "<p>Der er tre heldagsmøder om året hos skiftende værtskommuner. Medlemskabet omfatter to "
        "medarbejdere på hvert møde, og det behøver ikke være de samme to hver gang.</p>"
    ),
    body=(
        "<p>Har I en facilitet, andre kan lære af? Meld jer som værter. Vi hjælper med program og "
        "indbydelse.</p>"
    ),
)
