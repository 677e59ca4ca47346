"""What does a PDF say?"""

import io

MAX_PAGES = 500


def pdf_text(data: bytes) -> str:
    """The text of its pages; runs in the limited child, because PDFs may be bombs."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(data))
    pages = (page.extract_text() or "" for page in reader.pages[:MAX_PAGES])
    return "\n".join(page.strip() for page in pages if page.strip())
