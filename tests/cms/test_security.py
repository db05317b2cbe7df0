"""Headers of every answer, and the same-origin rule."""

import re

import pytest
from django.test import RequestFactory

from cms.security import client_address, is_same_origin

SITE = "http://testserver"


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": SITE}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": SITE}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": SITE}, True),
        ({"Origin": "https://testserver"}, False),
        ({"Origin": "http://testserver.example"}, False),
        ({"Origin": "http://testserver:8000"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_only_the_sites_own_forms_are_same_origin(headers, accepted):
    assert is_same_origin(RequestFactory().post("/", headers=headers)) is accepted


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.7", "127.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "198.51.100.7", "127.0.0.1"),
    ],
)
def test_a_visitor_cannot_choose_their_address(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address


@pytest.fixture
def page_headers(client, home_page):
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.headers


def test_public_pages_allow_only_what_the_site_sends_itself(page_headers):
    policy = page_headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert directives["object-src"] == "'none'"
    assert directives["base-uri"] == "'self'"
    assert "unsafe" not in policy
    outside = re.findall(r"https?://[^\s;]+", policy.replace(directives["form-action"], ""))
    assert outside == []


def test_other_headers_of_public_pages(page_headers):
    assert page_headers["X-Content-Type-Options"] == "nosniff"
    assert page_headers["Referrer-Policy"] == "same-origin"
    assert page_headers["X-Frame-Options"] == "SAMEORIGIN"
    assert page_headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in page_headers["Permissions-Policy"]


def test_a_public_page_sets_no_cookie(client, home_page):
    assert not client.get("/").cookies


def test_the_admin_has_a_policy_of_its_own(client, db):
    policy = client.get("/admin/login/").headers["Content-Security-Policy"]
    assert "'unsafe-inline'" in policy
    assert "default-src 'self'" in policy
    assert "http" not in policy
