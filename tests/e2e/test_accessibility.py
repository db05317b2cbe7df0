"""No axe violation on the public pages, and nothing wider than a phone."""

import pytest
from playwright.sync_api import Page as BrowserPage

from networks.models import Unit
from tests.e2e.conftest import link_in
from tests.factories.networks import make_home, make_network

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_front_page_and_list_of_networks(page: BrowserPage, site, is_accessible):
    network = make_network()
    for address in (make_home().url, network.get_parent().url, network.url):
        page.goto(site + address)
        is_accessible(page)


def test_the_form_with_errors_sent_and_confirmed(
    page: BrowserPage, site, is_accessible, newest_mail
):
    network = make_network(free_of_charge=True, unit=Unit.PERSON.value)
    page.goto(site + network.url)
    page.click(".signup-submit")
    page.wait_for_url("**/tilmelding/**")
    assert page.locator("#error-summary a").count() >= 4
    is_accessible(page)
    page.fill("#id_name", "Prøve Eksempel")
    page.fill("#id_job_title", "Konsulent")
    page.fill("#id_email", "proeve@vejle.dk")
    page.fill("#id_organisation", "Vejle")
    page.get_by_role("option", name="Vejle").click()
    page.click(".signup-submit")
    page.wait_for_url("**/modtaget/**")
    is_accessible(page)
    page.goto(link_in(newest_mail("proeve@vejle.dk"), "/bekraeft/"))
    is_accessible(page)
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    is_accessible(page)
    page.goto(link_in(newest_mail("proeve@vejle.dk"), "/mit-medlemskab/"))
    is_accessible(page)
    page.goto(page.url + "udmeld/")
    is_accessible(page)


def test_without_javascript_the_form_works(browser, site):
    network = make_network(free_of_charge=True, unit=Unit.PERSON.value)
    page = browser.new_context(java_script_enabled=False, locale="da-DK").new_page()
    page.goto(site + network.url)
    page.select_option("[name=organisation]", label="Vejle")
    page.fill("#id_name", "Uden Script")
    page.fill("#id_job_title", "Konsulent")
    page.fill("#id_email", "uden@vejle.dk")
    page.click(".signup-submit")
    page.wait_for_url("**/modtaget/**")


def test_who_is_no_municipality_is_told_why_and_keeps_what_was_typed(page: BrowserPage, site):
    network = make_network(free_of_charge=True, unit=Unit.PERSON.value)
    page.goto(site + network.url)
    page.fill("#id_name", "Firma Eksempel")
    page.fill("#id_job_title", "Direktør")
    page.fill("#id_email", "post@firma.example")
    page.fill("#id_organisation", "Privat")
    page.get_by_role("option").first.click()
    page.click(".signup-submit")
    page.wait_for_url("**/tilmelding/**")
    assert page.locator("#error-summary a").count() == 1
    assert page.input_value("#id_name") == "Firma Eksempel"
