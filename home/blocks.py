"""StreamField blocks shared by all pages."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

RICH_TEXT_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link"]
#: Inside a section of its own heading: no headings of its own.
PLAIN_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link"]


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Quotation"))
    source = blocks.CharBlock(label=_("Source"), required=False)

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "components/blocks/quote.html"
        preview_value = {"text": "Vi går hjem med noget, vi kan bruge.", "source": "Deltager"}
        description = _("A short statement, set apart from the text")


class FactBlock(blocks.StructBlock):
    heading = blocks.CharBlock(label=_("Heading"))
    text = blocks.RichTextBlock(label=_("Text"), features=PLAIN_FEATURES)

    class Meta:
        icon = "info-circle"
        label = _("Fact box")
        template = "components/blocks/fact.html"
        preview_value = {"heading": "Godt at vide", "text": "<p>Kort tekst.</p>"}
        description = _("Something worth knowing, in a box of its own")


class BodyBlock(blocks.StreamBlock):
    heading = blocks.CharBlock(
        label=_("Heading"),
        icon="title",
        template="components/blocks/heading.html",
        preview_value="Overskrift",
        description=_("A heading within the text"),
    )
    text = blocks.RichTextBlock(
        label=_("Text"),
        features=RICH_TEXT_FEATURES,
        preview_value="<p>Brødtekst.</p>",
        description=_("Text with links and lists"),
    )
    image = ImageBlock(
        label=_("Picture"),
        template="components/blocks/image.html",
        description=_("A picture with a description for those who can't see it"),
    )
    quote = QuoteBlock()
    fact = FactBlock()
