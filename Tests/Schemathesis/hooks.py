"""What schemathesis cannot know: which objects exist, and that a chat is to be answered in one piece.

Only valid ids are replaced, by those of objects that exist, so that requests get beyond 404; what was made invalid on
purpose is sent as it is. schemathesis itself judges a changed request anew.
"""

import itertools
import os
import sys
import uuid

import schemathesis

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Browser"))
from server import Client  # noqa: E402

client = Client(int(os.environ["SERVER_PORT"]), os.environ["SERVER_TOKEN"])
# By the name of the parameter or field that holds it.
existing = {}


def make_base():
    existing["base_id"] = existing["knowledge_base_id"] = client.api("POST", "/knowledge/bases", {"name": "Loja"})["id"]
    make_document()


def make_document():
    text = {"name": "Planos", "knowledge_base_id": existing["base_id"], "content": "# Planos\n\nO plano custa R$ 9,90."}
    existing["document_id"] = client.api("POST", "/knowledge/text", text)["id"]


def make_agent():
    agent = {
        "name": "Clara",
        "description": "Tira dúvidas.",
        "system_prompt": "Você é Clara, consultora da loja.",
        "model_id": "local",
        "knowledge_base_id": existing["base_id"],
    }
    existing["agent_id"] = client.api("POST", "/agents", agent)["id"]
    make_conversation()


def make_conversation():
    question = {"messages": [{"role": "user", "content": "Quanto custa o plano?"}], "streaming": False}
    answer = client.api("POST", f"/agents/{existing['agent_id']}/chat/stream", question)
    messages = client.api("GET", f"/conversations/{answer['conversation_id']}/messages")
    existing["conversation_id"] = answer["conversation_id"]
    existing["run_id"] = messages[0]["run_id"]


def make_key():
    existing["key_id"] = client.api("POST", "/api-keys", {"name": "Loja", "scopes": ["chat"]})["id"]


def make_webhook():
    webhook = {"name": "ERP", "url": "https://erp.example.com/webhooks", "events": ["nothing_happens"]}
    existing["webhook_id"] = client.api("POST", "/webhooks", webhook)["id"]
    path = f"/webhooks/{existing['webhook_id']}"
    existing["delivery_id"] = client.api("POST", f"{path}/test")["id"]
    order = client.api("POST", f"{path}/replay", {"since": "2020-01-01T00:00:00Z"})
    existing["replay_id"] = order["replay"]["id"]


# By the parameter that names what a DELETE removes.
makers = {
    "base_id": make_base,
    "document_id": make_document,
    "agent_id": make_agent,
    "conversation_id": make_conversation,
    "key_id": make_key,
    "webhook_id": make_webhook,
}
make_base()
make_agent()
make_key()
make_webhook()
# Most texts are no address that may be called.
existing["url"] = "https://erp.example.com/webhooks"
existing["model_id"] = existing["default_model"] = "local"


def with_existing(values):
    """Valid ids, replaced by existing ones; one in sixteen stays, for what is not there."""
    return {
        name: existing[name] if name in existing and is_valid(name, value) and not value.endswith("0") else value
        for name, value in values.items()
    }


def is_valid(name, value):
    return isinstance(value, str) and (name in ["model_id", "default_model", "url"] or is_uuid(value))


def is_uuid(value):
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


# Operations that answered 2xx at least once.
succeeded = set()
numbers = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    key = case.headers.get("Idempotency-Key") if case.headers else None
    # Keys are few, and all but the first request with one would be refused; every fourth request stays one.
    if isinstance(key, str) and key.isascii() and 0 < len(key) < 200 and next(numbers) % 4:
        case.headers["Idempotency-Key"] = f"{key}-{next(numbers)}"
    for name in ["path_parameters", "query", "body"]:
        values = getattr(case, name)
        if isinstance(values, dict):
            replaced = with_existing(values)
            if name == "body" and case.operation.path.endswith("/chat/stream") and values.get("streaming", True) is True:
                replaced["streaming"] = False
            if replaced != values:
                setattr(case, name, replaced)


@schemathesis.hook
def after_call(context, case, response):
    if response.request.method == "DELETE" and response.status_code == 200:
        last = case.operation.path.rsplit("/", 1)[-1].strip("{}")
        makers[last]()
    if response.status_code < 300 and response.request.method != "OPTIONS" and case.operation.label not in succeeded:
        succeeded.add(case.operation.label)
        with open(os.environ["SUCCEEDED"], "a", encoding="utf-8") as file:
            file.write(case.operation.label + "\n")
