"""The links of a tag are found and counted from an index alone."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_link_tags_tag_no_link_no", "link_tags", ["tag_no", "link_no"])
    op.drop_index("ix_link_tags_tag_no", "link_tags")


def downgrade() -> None:
    op.create_index("ix_link_tags_tag_no", "link_tags", ["tag_no"])
    op.drop_index("ix_link_tags_tag_no_link_no", "link_tags")
