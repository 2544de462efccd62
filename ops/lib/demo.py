"""Puts a demo organisation's agent and knowledge document into a running server, through its API.

Reads BASE_URL and TOKEN. What exists by name is left as it is.
"""

import json
import os
import time
import urllib.error
import urllib.request

KNOWLEDGE_BASE = {"name": "Loja Aurora", "description": "O que a loja diz aos clientes."}

DOCUMENT_NAME = "Planos e prazos"
DOCUMENT = """# Planos e prazos

## Planos
O plano Essencial custa R$ 49,90 por mês e inclui um agente e 500 conversas.
O plano Profissional custa R$ 149,90 por mês e inclui cinco agentes e 5.000 conversas.

## Teste grátis
Todo plano começa com 14 dias de teste grátis, sem cartão de crédito.

## Cancelamento
O cancelamento é feito no painel, a qualquer momento, sem multa. O acesso continua até o fim do mês já pago.

## Atendimento
O suporte responde de segunda a sexta, das 9h às 18h, em até quatro horas.
"""

AGENT = {
    "name": "Clara, da Loja Aurora",
    "description": "Tira dúvidas sobre planos e prazos e leva o visitante ao teste grátis.",
    "system_prompt": "Você é Clara, consultora da Loja Aurora. Responda em português, com base nos documentos da loja.",
    "model_id": "local",
    "visibility": "public",
}

# The server is on this machine: no proxy of the environment has a part in it.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(method, path, body=None):
    request = urllib.request.Request(
        f"{os.environ['BASE_URL']}/api/v2{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {os.environ['TOKEN']}", "Content-Type": "application/json"},
    )
    try:
        with opener.open(request, timeout=30) as response:
            return json.load(response)["data"]
    except urllib.error.HTTPError as error:
        raise SystemExit(f"{method} {path}: {error.code} {error.read().decode()}")


def ensure(collection, body, create=None):
    """The resource of that name, made if there is none; `create` is the path that makes it."""
    for found in call("GET", f"{collection}?limit=100"):
        if found["name"] == body["name"]:
            return found
    return call("POST", create or collection, body)


base = ensure("/knowledge/bases", KNOWLEDGE_BASE)
document = ensure(
    "/knowledge/documents",
    {"name": DOCUMENT_NAME, "knowledge_base_id": base["id"], "content": DOCUMENT},
    create="/knowledge/text",
)
ensure("/agents", AGENT | {"knowledge_base_id": base["id"]})

deadline = time.monotonic() + 60
while document["status"] != "ready":
    if document["status"] == "failed" or time.monotonic() > deadline:
        raise SystemExit(f"the demo document was not indexed: {document}")
    time.sleep(0.2)
    document = call("GET", f"/knowledge/documents/{document['id']}")
