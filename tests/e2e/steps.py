"""What staff do over and over in the administration, as they see it."""

from playwright.sync_api import Download, Locator, expect
from playwright.sync_api import Page as BrowserPage


def press(page: BrowserPage, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(page: BrowserPage, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()


def opened(page: BrowserPage, text: str) -> None:
    """The screen of that heading is there."""
    expect(page.get_by_role("heading").filter(has_text=text).first).to_be_visible()


def told(page: BrowserPage, text: str) -> None:
    """The message after an action."""
    expect(page.locator(".messages")).to_contain_text(text)


def says(page: BrowserPage, text: str) -> None:
    """The screen's own word on how it went, beside Wagtail's messages."""
    expect(page.locator("main .help-block[role=status]")).to_contain_text(text)


def waiting(page: BrowserPage, key: str) -> Locator:
    """A line of the desk."""
    return page.locator(f"[data-task={key}]")


def open_task(page: BrowserPage, site: str, key: str, *, number: int) -> None:
    """From the desk, which says how many wait, to their list."""
    page.goto(f"{site}/admin/")
    expect(waiting(page, key).locator(".desk-task__number")).to_have_text(str(number))
    waiting(page, key).get_by_role("link").click()
    expect(page.locator(".desk")).to_have_count(0)


def row_of(page: BrowserPage, text: str) -> Locator:
    return page.locator("main tbody tr").filter(has_text=text)


def choose(page: BrowserPage, row: str, action: str) -> None:
    """An action from the menu of the row."""
    row_of(page, row).locator(".backoffice-row-menu__toggle").click()
    page.get_by_role("main").get_by_role("link", name=action, exact=True).click()


def in_menu(page: BrowserPage, *names: str) -> None:
    """Through the sidebar."""
    menu = page.locator("#wagtail-sidebar")
    for name in names[:-1]:
        menu.get_by_role("button", name=name).click()
    menu.get_by_role("link", name=names[-1], exact=True).click()


def downloaded(page: BrowserPage, link: Locator) -> Download:
    with page.expect_download() as download:
        link.click()
    return download.value


def check_all(page: BrowserPage) -> None:
    """The rows of a list, by the box above them."""
    page.locator("main thead input[type=checkbox]").check()


def bulk(page: BrowserPage, name: str) -> None:
    """What is done to the rows chosen."""
    page.locator("[data-bulk-action-footer]").get_by_role("link", name=name, exact=True).click()


def confirm(page: BrowserPage, name: str) -> None:
    """A bulk action's preview: the box that says how many, then the button."""
    page.check("[name=confirmed]")
    press(page, name)
