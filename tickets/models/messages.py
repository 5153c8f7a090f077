"""What is said in a ticket, the files that came with it, and what staff notes for itself."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.tickets import Ticket


class Message(models.Model):
    """Customers read every message. ``body`` is Markdown; a system message speaks the ticket's language."""

    class Channel(models.TextChoices):
        WEB = "web", _("Situs")
        EMAIL = "email", _("Email")
        SYSTEM = "system", _("Sistem")

    ticket = models.ForeignKey(Ticket, verbose_name=_("tiket"), on_delete=models.PROTECT, related_name="messages")
    submission_key = models.UUIDField(unique=True, null=True, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("penulis"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="ticket_messages",
    )
    from_staff = models.BooleanField(_("dari staf"), default=False)
    channel = models.CharField(_("lewat"), max_length=6, choices=Channel.choices, default=Channel.WEB)
    body = models.TextField(_("isi"))
    created_at = models.DateTimeField(_("dikirim"), default=timezone.now)
    # The Message-ID of the email that it came by.
    email_message_id = models.CharField(max_length=250, blank=True, editable=False)
    # The people who were emailed about it, by id: what V5 looks for in the outbox.
    told = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("pesan")
        verbose_name_plural = _("pesan")
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(fields=["ticket", "created_at"], name="messages_of_ticket"),
            models.Index(fields=["author", "ticket"], name="messages_by_author"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["email_message_id"], condition=~Q(email_message_id=""), name="one_message_per_email"
            ),
            models.CheckConstraint(
                condition=~Q(channel="system") | Q(author=None, from_staff=True), name="the_system_has_no_author"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.body[:40]}"


class StaffNote(models.Model):
    """Never a customer's to read: a table of its own, so that a leak needs two mistakes (Q3)."""

    ticket = models.ForeignKey(Ticket, verbose_name=_("tiket"), on_delete=models.PROTECT, related_name="notes")
    submission_key = models.UUIDField(unique=True, null=True, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("penulis"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    body = models.TextField(_("isi"))
    created_at = models.DateTimeField(_("ditulis"), default=timezone.now)

    class Meta:
        verbose_name = _("catatan staf")
        verbose_name_plural = _("catatan staf")
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["ticket", "created_at"], name="notes_of_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.body[:40]}"


class Attachment(models.Model):
    """A file of a message, stored under a random name; the sender's own name for it is shown only."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="tickets/")
    name = models.CharField(_("nama berkas"), max_length=150)
    content_type = models.CharField(max_length=50)
    size = models.PositiveIntegerField()
    # Of the stored bytes (V9), and of what was sent (K5: the same picture sent again).
    sha256 = models.CharField(max_length=64)
    sent_sha256 = models.CharField(max_length=64, db_index=True)

    class Meta:
        verbose_name = _("lampiran")
        verbose_name_plural = _("lampiran")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
