"""The knowledge base, and what the shop announces."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.texts import Bilingual, validate_one_line


class KnowledgeCategory(models.Model):
    slug = models.SlugField(_("alamat"), unique=True)
    name_id = models.CharField(_("nama (Indonesia)"), max_length=120, validators=[validate_one_line])
    name_en = models.CharField(_("nama (Inggris)"), max_length=120, blank=True, validators=[validate_one_line])
    sort = models.PositiveIntegerField(_("urutan"), default=0)

    name = Bilingual()

    class Meta:
        verbose_name = _("kategori bantuan")
        verbose_name_plural = _("kategori bantuan")
        ordering = ["sort", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tickets:help-category", args=[self.slug])


class ArticleQuerySet(models.QuerySet["Article"]):
    def visible_to(self, user) -> "ArticleQuerySet":
        """What is published; staff who may see articles see the drafts too."""
        return self if user.has_perm("tickets.view_article") else self.filter(published=True)


class Article(models.Model):
    category = models.ForeignKey(
        KnowledgeCategory, verbose_name=_("kategori"), on_delete=models.PROTECT, related_name="articles"
    )
    slug = models.SlugField(_("alamat"))
    title_id = models.CharField(_("judul (Indonesia)"), max_length=150, validators=[validate_one_line])
    title_en = models.CharField(_("judul (Inggris)"), max_length=150, blank=True, validators=[validate_one_line])
    body_id = models.TextField(_("isi (Indonesia)"), help_text=_("Boleh memakai Markdown."))
    body_en = models.TextField(_("isi (Inggris)"), blank=True, help_text=_("Boleh memakai Markdown."))
    sort = models.PositiveIntegerField(_("urutan"), default=0)
    published = models.BooleanField(_("terbit"), default=False)
    created_at = models.DateTimeField(_("dibuat"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("diperbarui"), auto_now=True)
    helpful = models.PositiveIntegerField(_("membantu"), default=0, editable=False)
    unhelpful = models.PositiveIntegerField(_("tidak membantu"), default=0, editable=False)

    title = Bilingual()
    body = Bilingual()

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("artikel bantuan")
        verbose_name_plural = _("artikel bantuan")
        ordering = ["category__sort", "category_id", "sort", "pk"]
        constraints = [models.UniqueConstraint(fields=["category", "slug"], name="one_article_per_address")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("tickets:article", args=[self.category.slug, self.slug])


class ArticleVote(models.Model):
    """Whether an article helped: once for each person, or for each session of somebody who is not signed in."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    session_hash = models.CharField(max_length=64, blank=True)
    helpful = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "user"], name="one_vote_per_person"),
            models.UniqueConstraint(
                fields=["article", "session_hash"], condition=~Q(session_hash=""), name="one_vote_per_session"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, session_hash="") | (Q(user=None) & ~Q(session_hash="")),
                name="a_vote_is_a_persons_or_a_sessions",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.article}: {self.helpful}"


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def current(self, *, has_customer: bool) -> "AnnouncementQuerySet":
        now = timezone.now()
        running = self.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)
        return running if has_customer else running.filter(audience=Announcement.Audience.EVERYONE)


class Announcement(models.Model):
    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("Semua orang")
        CUSTOMERS = "customers", _("Hanya pelanggan")

    title_id = models.CharField(_("judul (Indonesia)"), max_length=150, validators=[validate_one_line])
    title_en = models.CharField(_("judul (Inggris)"), max_length=150, blank=True, validators=[validate_one_line])
    body_id = models.TextField(_("isi (Indonesia)"), help_text=_("Boleh memakai Markdown."))
    body_en = models.TextField(_("isi (Inggris)"), blank=True, help_text=_("Boleh memakai Markdown."))
    starts_at = models.DateTimeField(_("mulai"), default=timezone.now)
    ends_at = models.DateTimeField(_("sampai"), null=True, blank=True, help_text=_("Kosong: sampai diakhiri."))
    audience = models.CharField(_("untuk"), max_length=9, choices=Audience.choices, default=Audience.EVERYONE)

    title = Bilingual()
    body = Bilingual()

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = _("pengumuman")
        verbose_name_plural = _("pengumuman")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="announcement_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return self.title
