"""Links know the icon of their site."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("links", sa.Column("icon", sa.String(length=64), nullable=True))
    with_one = sa.text("icon IS NOT NULL")
    op.create_index(
        "ix_links_icon", "links", ["icon"], sqlite_where=with_one, postgresql_where=with_one
    )


def downgrade() -> None:
    op.drop_index("ix_links_icon", "links")
    op.drop_column("links", "icon")
