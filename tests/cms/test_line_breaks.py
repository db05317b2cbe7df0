"""Where an e-mail address may break, and what is left alone."""

from django.template import Context, Template

from cms.templatetags.line_breaks import breakable


def shown(value: object) -> str:
    return Template("{% load line_breaks %}{{ value|breakable }}").render(Context({"value": value}))


def test_an_address_may_break_after_its_at_and_dots():
    assert shown("bo.holm@aarhus.dk") == "bo.<wbr>holm@<wbr>aarhus.<wbr>dk"


def test_what_somebody_wrote_is_escaped():
    assert shown("<b>@x.dk") == "&lt;b&gt;@<wbr>x.<wbr>dk"


def test_what_is_no_address_is_left_as_it_is():
    assert breakable("Netværk for kultur.") == "Netværk for kultur."
    assert breakable("Bo Holm <bo@aarhus.dk>") == "Bo Holm <bo@aarhus.dk>"
    assert breakable(7) == 7
