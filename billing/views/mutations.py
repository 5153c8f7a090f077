"""Where mutation services tell of money as it comes into an account; what they send: ``billing.bank.mutations``."""

import logging
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from accounts import limits
from billing.attempts import webhooks
from billing.bank import mutations
from billing.models import GatewayMessage

logger = logging.getLogger(__name__)

PROVIDER = "mutations"
MAX_BYTES = 1024 * 1024
RETRY_SECONDS = 30
Outcome = GatewayMessage.Outcome


@dataclass(frozen=True)
class Answer:
    status: int
    said: dict
    outcome: str

    @property
    def detail(self) -> str:
        return self.said.get("error") or ", ".join(f"{name} {count}" for name, count in self.said.items())

    def response(self) -> HttpResponse:
        response = JsonResponse(self.said, status=self.status)
        if self.status == 503:
            response["Retry-After"] = str(RETRY_SECONDS)
        return response


@csrf_exempt
@login_not_required
def webhook(request: HttpRequest) -> HttpResponse:
    """Open where ``BANK_MUTATION_SECRET`` is set. Every call is kept as it came, then answered, and never led elsewhere."""
    if not settings.BANK_MUTATION_SECRETS:
        raise Http404
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
        return JsonResponse({"error": _("Terlalu besar.")}, status=413)
    if not limits.allow("mutations", limits.client_ip(request)):
        return JsonResponse({"error": _("Terlalu sering.")}, status=429)
    return _receive(request, request.read()).response()


def _receive(request: HttpRequest, body: bytes) -> Answer:
    message = None
    try:
        message = webhooks.keep(PROVIDER, body)
        answer = _answer(request, body)
        webhooks.conclude(message, answer.outcome, answer.status, detail=answer.detail)
    except DatabaseError:
        logger.exception("A call of a mutation service could not be taken; its sender tries again")
        answer = Answer(503, {"error": _("Coba lagi sebentar lagi.")}, Outcome.FAILED)
        if message is not None:
            webhooks.conclude_if_possible(message, answer.outcome, answer.status, detail=answer.detail)
    return answer


def _answer(request: HttpRequest, body: bytes) -> Answer:
    timestamp, signature = (request.headers.get(name, "") for name in ("X-Timestamp", "X-Signature"))
    if not mutations.is_signed(body, timestamp=timestamp, signature=signature, now=timezone.now()):
        return Answer(403, {"error": _("Tanda tangan atau waktunya salah.")}, Outcome.FORGED)
    try:
        call = mutations.read(body)
        account = mutations.account_of(call)
    except mutations.Misshapen as problem:
        return Answer(400, {"error": str(problem)}, Outcome.UNREADABLE)
    except mutations.UnknownAccount as problem:
        return Answer(422, {"error": f"account: {problem}"}, Outcome.UNKNOWN)
    return Answer(200, mutations.take_in(call, account=account, body=body), Outcome.ACCEPTED)
