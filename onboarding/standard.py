"""The stages of ON1 as a new template begins with them: staff changes what its product needs otherwise."""

from collections.abc import Mapping, Sequence

from onboarding.models import StageKey
from onboarding.models.templates import Completion

# ``{company}`` becomes the shop's name (M4).
STAGES: Sequence[Mapping[str, object]] = (
    {
        "key": StageKey.INITIAL_CALL,
        "name_id": "Panggilan awal",
        "name_en": "Initial call",
        "text_id": "PIC kami menghubungi Anda untuk mengenal kebutuhan perusahaan Anda.",
        "text_en": "Our PIC calls you to learn what your company needs.",
        "target_days": 3,
        "completion": Completion.EVENTS_DONE,
    },
    {
        "key": StageKey.SALES_MEETING,
        "name_id": "Pertemuan dengan tim penjualan {company}",
        "name_en": "Meeting with {company} sales team",
        "text_id": "Demo produk dan pembahasan proses berlangganan.",
        "text_en": "A demo of the product, and how subscribing works.",
        "target_days": 7,
        "optional": True,
        "completion": Completion.EVENTS_DONE,
    },
    {
        "key": StageKey.QUOTATION,
        "name_id": "Penawaran",
        "name_en": "Quotation",
        "text_id": "Kami mengirim penawaran lewat email dan di menu Dokumen. Tanda tangani bila sudah sesuai.",
        "text_en": "We send a quotation by email and in the menu Documents. Sign it once it suits you.",
        "target_days": 7,
        "optional": True,
        "completion": Completion.DOCUMENT_SIGNED,
    },
    {
        "key": StageKey.INVOICE_PAYMENT,
        "name_id": "Pembayaran tagihan",
        "name_en": "Invoice payment",
        "text_id": "Tagihan ada di email Anda dan di menu Dokumen. Tanggal lunas muncul di sini dengan sendirinya.",
        "text_en": "The invoice is in your email and in the menu Documents. The day it is paid appears here by itself.",
        "target_days": 7,
        "completion": Completion.INVOICE_PAID,
    },
    {
        "key": StageKey.REQUIREMENT_GATHERING,
        "name_id": "Pengumpulan kebutuhan",
        "name_en": "Requirement gathering",
        "text_id": "Isi formulir kebutuhan, lalu tanda tangani URD bersama spesialis kami.",
        "text_en": "Fill in the requirement form, then sign the URD together with our specialist.",
        "target_days": 7,
        "completion": Completion.DOCUMENT_SIGNED,
    },
    {
        "key": StageKey.TRAINING,
        "name_id": "Sesi pelatihan",
        "name_en": "Training sessions",
        "text_id": "Beberapa sesi untuk admin dan karyawan. Jadwal dan materinya ada di halaman Jadwal.",
        "text_en": "Several sessions for admins and employees. Their schedule and materials are on the page Schedule.",
        "target_days": 14,
        "completion": Completion.EVENTS_DONE,
    },
    {
        "key": StageKey.GO_LIVE,
        "name_id": "Go live",
        "name_en": "Go live",
        "text_id": "Produk diaktifkan dan langganan Anda siap digunakan.",
        "text_en": "The product is activated and your subscription is ready to use.",
        "target_days": 5,
        "completion": Completion.SERVICE_ACTIVE,
    },
    {
        "key": StageKey.POST_ACTIVATION,
        "name_id": "Pasca-aktivasi",
        "name_en": "Post-activation",
        "text_id": "Adoption review dan business review berkala bersama Anda.",
        "text_en": "Regular adoption and business reviews together with you.",
        "target_days": 0,
        "completion": Completion.BY_HAND,
    },
)


def stages() -> list[dict[str, object]]:
    """Fresh rows in their order, ``sort`` leaving room between them."""
    return [{**stage, "sort": number * 10} for number, stage in enumerate(STAGES, start=1)]
