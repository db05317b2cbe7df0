"""The API's endpoints: which parameters each takes (the SDK says) and what it does."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from stripe import params as sdk
from stripe.params import checkout

from .account import Account
from .balance import balance
from .errors import RefusalError, missing_object
from .events import kept
from .knobs import Knobs
from .listing import expand, line_items, page
from .refunds import create_refund
from .sessions import create_session, expire_session
from .shape import Json, public


@dataclass(frozen=True)
class Call:
    """One request that has reached its endpoint: checked parameters, and the id in its path."""

    account: Account
    knobs: Knobs
    params: Json
    path: str
    wanted: str

    def present(self, thing: Json) -> Json:
        return self.knobs.disguise(public(thing))


@dataclass(frozen=True)
class Endpoint:
    method: str
    pattern: str
    params: type
    act: Callable[[Call], Json]

    def match(self, method: str, path: str) -> str | None:
        """The id in the path (empty for a collection); None when this is not the endpoint."""
        found = re.fullmatch(self.pattern, path) if method == self.method else None
        return found and "".join(found.groups())


def find(method: str, path: str) -> tuple[Endpoint, str]:
    for endpoint in ENDPOINTS:
        wanted = endpoint.match(method, path)
        if wanted is not None:
            return endpoint, wanted
    raise RefusalError(f"Unrecognized request URL ({method}: {path}).", status=404)


def run(endpoint: Endpoint, call: Call) -> Json:
    answer = endpoint.act(call)
    for path in call.params.get("expand", []):
        expand(call.account, answer, path, call.present)
    return answer


def _retrieve(kind: str, call: Call) -> Json:
    return call.present(call.account.get(kind, call.wanted))


def _list(kind: str, call: Call) -> Json:
    return page(call.account.of_kind(kind), call.params, url=call.path, present=call.present)


def _balance(call: Call) -> Json:
    return call.present(balance(call.account))


def _create_session(call: Call) -> Json:
    return call.present(create_session(call.account, call.params))


def _expire_session(call: Call) -> Json:
    return call.present(expire_session(call.account, call.wanted))


def _line_items(call: Call) -> Json:
    return line_items(call.account, call.account.session(call.wanted), call.present)


def _create_refund(call: Call) -> Json:
    status = call.knobs.refund_status
    return call.present(create_refund(call.account, call.params, status=status))


def _retrieve_event(call: Call) -> Json:
    for event in kept(call.account):
        if event["id"] == call.wanted:
            return call.present(event)
    raise missing_object("event", call.wanted)


def _list_events(call: Call) -> Json:
    return page(kept(call.account), call.params, url=call.path, present=call.present)


def _resource(path: str, kind: str, retrieve_params: type, list_params: type) -> list[Endpoint]:
    return [
        Endpoint("GET", f"{path}/([^/]+)", retrieve_params, partial(_retrieve, kind)),
        Endpoint("GET", path, list_params, partial(_list, kind)),
    ]


_SESSIONS = "/v1/checkout/sessions"

ENDPOINTS = [
    Endpoint("POST", _SESSIONS, checkout.SessionCreateParams, _create_session),
    Endpoint("POST", f"{_SESSIONS}/([^/]+)/expire", checkout.SessionExpireParams, _expire_session),
    Endpoint(
        "GET", f"{_SESSIONS}/([^/]+)/line_items", checkout.SessionListLineItemsParams, _line_items
    ),
    *_resource(
        _SESSIONS,
        "checkout.session",
        checkout.SessionRetrieveParams,
        checkout.SessionListParams,
    ),
    *_resource(
        "/v1/payment_intents",
        "payment_intent",
        sdk.PaymentIntentRetrieveParams,
        sdk.PaymentIntentListParams,
    ),
    *_resource("/v1/charges", "charge", sdk.ChargeRetrieveParams, sdk.ChargeListParams),
    Endpoint("POST", "/v1/refunds", sdk.RefundCreateParams, _create_refund),
    *_resource("/v1/refunds", "refund", sdk.RefundRetrieveParams, sdk.RefundListParams),
    *_resource("/v1/disputes", "dispute", sdk.DisputeRetrieveParams, sdk.DisputeListParams),
    Endpoint("GET", "/v1/balance", sdk.BalanceRetrieveParams, _balance),
    *_resource("/v1/payouts", "payout", sdk.PayoutRetrieveParams, sdk.PayoutListParams),
    *_resource(
        "/v1/balance_transactions",
        "balance_transaction",
        sdk.BalanceTransactionRetrieveParams,
        sdk.BalanceTransactionListParams,
    ),
    Endpoint("GET", "/v1/events/([^/]+)", sdk.EventRetrieveParams, _retrieve_event),
    Endpoint("GET", "/v1/events", sdk.EventListParams, _list_events),
]
