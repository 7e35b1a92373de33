"""A service that lets in the callers that have the scope it asks for.

    pip install 'stytch-m2m[flask]' gunicorn
    gunicorn flask_service:app

It verifies tokens by the project's public keys, and so needs STYTCH_PROJECT_ID and no secret.
"""

from flask import Flask
from stytch_m2m import TokenVerifier
from stytch_m2m.flask import M2MAuth, current_claims

authenticated = M2MAuth(TokenVerifier())
app = Flask(__name__)


@app.get("/orders")
@authenticated(required_scopes=["read:orders"])
def orders() -> dict[str, object]:
    return {"orders": [1, 2, 3], "for": current_claims.client_id}
