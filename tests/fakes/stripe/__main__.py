"""``python -m tests.fakes.stripe``: the fake as a process of its own, for ``make run``."""

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from .fake import FakeStripe

# Seconds; a web server that is still starting gets its events soon after.
_RETRY_DELAYS = (1, 2, 5, 10, 30, 60, 300, 900, 3600)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    fake = FakeStripe(
        webhook_url=options.webhook_url,
        webhook_secrets=options.webhook_secret or ["whsec_fake"],
        api_key=options.api_key,
        minimum_amount=options.minimum_amount,
        host=options.host,
        port=options.port,
        retry_delays=_RETRY_DELAYS,
        state=options.state,
    )
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        fake.start()
    except OSError as error:
        print(f"fake Stripe: cannot listen on {fake.url}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"fake Stripe: {fake.url}/ (key {fake.api_key})", flush=True)
    stopped.wait()
    fake.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.stripe", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=12111, help="0 takes a free one")
    parser.add_argument("--webhook-url", help="where events are sent; nowhere without it")
    parser.add_argument(
        "--webhook-secret", action="append", help="signs the events; give it again for a second"
    )
    parser.add_argument("--api-key", default="sk_test_fake")
    parser.add_argument("--minimum-amount", type=int, default=250, help="in øre")
    parser.add_argument("--state", type=Path, help="a JSON file that keeps the state")
    return parser


if __name__ == "__main__":
    sys.exit(main())
