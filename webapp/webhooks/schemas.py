"""Webhooks and deliveries in JSON, and the parameters of the list of deliveries."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.core.schemas import EtagSchema, Schema, UtcTime
from webapp.lists.schemas import CountOut, PageQuery
from webapp.outgoing.urls import URL_MAX
from webapp.webhooks.events import EVENTS
from webapp.webhooks.models import (
    DESCRIPTION_MAX,
    EVENT_MAX,
    OVERLAP_HOURS_DEFAULT,
    OVERLAP_HOURS_MAX,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointState,
)
from webapp.webhooks.signing import message_id

URL = (
    "Where events are posted. `https`, and `http` only if `WEBHOOK_ALLOWED_NETWORKS` is set. Not an address inside an"
    " internal network, unless that setting allows it."
)
EVENT_NAMES = "Names of events. They are audit actions."
EventName = Annotated[str, Field(max_length=EVENT_MAX, json_schema_extra={"enum": list(EVENTS)})]
SECRET = "Verifies the signatures of deliveries (Standard Webhooks). It is not shown again."
EXAMPLE: Any = {
    "url": "https://hooks.example.org/rollcall",
    "events": ["user.created", "user.deactivated"],
    "description": "HR system",
}


class WebhookPath(BaseModel):
    webhook_id: UUID = Field(description="The ID of the webhook.")


class DeliveryPath(WebhookPath):
    delivery_id: UUID = Field(description="The ID of the delivery.")


class WebhookIn(Schema):
    """A new webhook."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    url: str = Field(min_length=1, max_length=URL_MAX, description=URL)
    events: list[EventName] = Field(min_length=1, max_length=len(EVENTS), description=EVENT_NAMES)
    description: str = Field("", max_length=DESCRIPTION_MAX)


class WebhookPatch(Schema):
    """Changes of a webhook. Fields that you leave out stay as they are. null empties the description."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"events": ["user.created"], "description": None}]})

    # The defaults are never used: the API reads only the fields that were sent.
    url: str = Field(default_factory=str, min_length=1, max_length=URL_MAX, description=URL)
    events: list[EventName] = Field(default_factory=list, min_length=1, max_length=len(EVENTS), description=EVENT_NAMES)
    description: str | None = Field(None, max_length=DESCRIPTION_MAX)

    @property
    def changes(self) -> dict[str, Any]:
        """The sent fields, as the service takes them."""
        fields = self.model_dump(exclude_unset=True)
        return {name: "" if value is None else value for name, value in fields.items()}


class SecretRotationIn(Schema):
    """How to replace a secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_hours": OVERLAP_HOURS_DEFAULT}]})

    overlap_hours: int = Field(
        OVERLAP_HOURS_DEFAULT,
        ge=0,
        le=OVERLAP_HOURS_MAX,
        strict=True,
        description="Hours for which deliveries are signed with the old secret as well.",
    )


class WebhookOut(EtagSchema):
    """A webhook, without its secret."""

    id: UUID
    url: str
    description: str
    events: list[str]
    state: EndpointState = Field(description="`failing`: the last attempts failed.")
    failing_since: UtcTime | None = Field(description="The first failure after the last success.")
    paused_at: UtcTime | None
    previous_secret_until: UtcTime | None = Field(description="Deliveries are signed with the old secret until then.")
    created_at: UtcTime
    version: int

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        return cls.model_validate(endpoint)


class WebhookSecretOut(WebhookOut):
    """A webhook with its new secret. This is the only answer with it."""

    secret: str = Field(description=SECRET)

    @property
    def etag(self) -> str:
        """The ETag of the webhook without its secret, as other answers have it."""
        return WebhookOut.model_validate(self.model_dump(exclude={"secret"})).etag

    @classmethod
    def with_secret(cls, endpoint: Endpoint, secret: str) -> Self:
        return cls.model_validate(WebhookOut.of(endpoint).model_dump() | {"secret": secret})


class WebhooksOut(Schema):
    """All webhooks, the oldest first. There are at most 50."""

    items: list[WebhookOut]


class DeliveryListQuery(PageQuery):
    state: Literal["all", "waiting", "delivered", "failed"] = Field(
        "all", description="Only deliveries in this state. `waiting`: an attempt follows."
    )

    @property
    def delivery_state(self) -> DeliveryState | None:
        return None if self.state == "all" else DeliveryState(self.state)


class DeliveryOut(Schema):
    """An event for a webhook, and its last attempt."""

    id: UUID
    webhook_id: UUID
    message_id: str = Field(description="The header `webhook-id`. The same at each attempt.")
    event: str
    state: DeliveryState
    attempts: int
    created_at: UtcTime
    attempted_at: UtcTime | None
    next_attempt_at: UtcTime | None
    delivered_at: UtcTime | None
    status: int | None = Field(description="The HTTP status of the answer. `null`: there was no answer.")
    error: str = Field(description="Why there was no answer, for example `timeout` or `internal_address`.")
    milliseconds: int | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        return cls.model_validate(delivery_values(delivery))


class DeliveryWithBodyOut(DeliveryOut):
    """A delivery with its body and the beginning of the answer."""

    body: str | None = Field(description="The JSON text that is posted. `null` without the permission `audit.read`.")
    answer: str | None = Field(
        description="Its first 2,000 characters. `null` without `audit.read`: it can repeat the body."
    )

    @classmethod
    def with_body(cls, delivery: Delivery, body: str | None) -> Self:
        """Without `body`, the answer is not shown either."""
        answer = None if body is None else delivery.answer
        return cls.model_validate(delivery_values(delivery) | {"body": body, "answer": answer})


def delivery_values(delivery: Delivery) -> dict[str, Any]:
    names = DeliveryOut.model_fields.keys() - {"webhook_id", "message_id"}
    values = {name: getattr(delivery, name) for name in names}
    return values | {"webhook_id": delivery.endpoint_id, "message_id": message_id(delivery.id)}


class DeliveryPage(Schema):
    """A page of deliveries. `next` and `previous` are values of `after` and `before`."""

    items: list[DeliveryOut]
    next: str | None
    previous: str | None
    count: CountOut
