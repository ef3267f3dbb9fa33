#!/usr/bin/env python3
"""A peer for `quorate conform`: reads steps, answers each with `result` and `state`.

    quorate conform --peer 'python3 sim/examples/peer.py' my-scenario.json

`Ledger` is a toy that knows plain transfers of the currency and nothing else. Put calls into your own
implementation in its place; `main` can stay as it is.
"""

import json
import sys


class Ledger:
    """Starts from a header, answers steps. Replace this by your implementation."""

    def __init__(self, header):
        self.balances = {}
        for account, held in header.get("balances", {}).items():
            # A bare number is the currency; an object holds amounts by mosaic.
            self.balances[account] = held if isinstance(held, int) else next(iter(held.values()), 0)

    def answer(self, step):
        """The verdict's name as your implementation spells it."""
        transaction = step.get("transaction", {})
        if transaction.get("type") != "transfer" or "amount" not in transaction:
            return "Unsupported"
        signer, recipient = transaction["signer"], transaction["recipient"]
        if self.balances.get(signer, 0) < transaction["amount"]:
            return "Failure_Core_Insufficient_Balance"
        self.balances[signer] = self.balances.get(signer, 0) - transaction["amount"]
        self.balances[recipient] = self.balances.get(recipient, 0) + transaction["amount"]
        return "Success"

    def state(self):
        """All multisig accounts: {name: {min_approval, min_removal, cosignatories}}."""
        return {}


def main():
    ledger = None
    for line in sys.stdin:
        message = json.loads(line)
        if "format" in message:  # A header: start afresh, answer nothing.
            ledger = Ledger(message)
            continue
        message["result"] = ledger.answer(message)
        message["state"] = ledger.state()
        # One line, flushed: whoever asks may be waiting for it.
        print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
