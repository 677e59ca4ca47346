"""The routes of applications belong to the keys of links (rule 2)."""

from alembic import op

from linkshot.catalogue.keys import rekey

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rekey(op.get_bind())


def downgrade() -> None:
    raise NotImplementedError("go back to an older linkshot with an older copy of the catalogue")
