"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('clocks',
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('kind', name=op.f('pk_clocks'))
    )
    op.create_table('dead_letters',
    sa.Column('dead_id', sa.String(length=36), nullable=False),
    sa.Column('topic', sa.String(length=100), nullable=False),
    sa.Column('origin', sa.String(length=200), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('reason', sa.String(length=60), nullable=False),
    sa.Column('detail', sa.Text(), server_default='', nullable=False),
    sa.Column('value_base64', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('requeued_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('dead_id', name=op.f('pk_dead_letters')),
    sa.UniqueConstraint('origin', name=op.f('uq_dead_letters_origin'))
    )
    op.create_table('hosts',
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('outstanding', sa.Integer(), server_default='0', nullable=False),
    sa.Column('blocked_until', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('next_due', sa.BigInteger(), nullable=True),
    sa.Column('next_priority', sa.SmallInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_hosts'))
    )
    op.create_index('ix_hosts_next', 'hosts', ['next_priority', 'next_due'], unique=False)
    op.create_table('idempotency',
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('body_sha256', sa.String(length=64), nullable=False),
    sa.Column('link_id', sa.String(length=32), nullable=False),
    sa.Column('existing', sa.Boolean(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_idempotency'))
    )
    op.create_table('imports',
    sa.Column('import_id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('format', sa.String(length=20), nullable=False),
    sa.Column('charset', sa.String(length=40), server_default='', nullable=False),
    sa.Column('file_sha256', sa.String(length=64), nullable=False),
    sa.Column('options_sha256', sa.String(length=64), nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('finished_at', sa.BigInteger(), nullable=True),
    sa.Column('last_row', sa.Integer(), server_default='0', nullable=False),
    sa.Column('accepted', sa.Integer(), server_default='0', nullable=False),
    sa.Column('duplicate', sa.Integer(), server_default='0', nullable=False),
    sa.Column('rejected', sa.Integer(), server_default='0', nullable=False),
    sa.Column('notices', sa.Integer(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('import_id', name=op.f('pk_imports'))
    )
    op.create_index(op.f('ix_imports_file_sha256'), 'imports', ['file_sha256'], unique=False)
    op.create_table('leases',
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('holder', sa.String(length=100), nullable=False),
    sa.Column('until', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_leases'))
    )
    op.create_table('link_tags',
    sa.Column('link_id', sa.String(length=32), nullable=False),
    sa.Column('tag_id', sa.String(length=36), nullable=False),
    sa.PrimaryKeyConstraint('link_id', 'tag_id', name=op.f('pk_link_tags'))
    )
    op.create_index(op.f('ix_link_tags_tag_id'), 'link_tags', ['tag_id'], unique=False)
    op.create_table('links',
    sa.Column('link_id', sa.String(length=32), nullable=False),
    sa.Column('key_hash', sa.String(length=32), nullable=True),
    sa.Column('url_key', sa.Text(), nullable=False),
    sa.Column('key_version', sa.Integer(), server_default='1', nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('url_given', sa.Text(), server_default='', nullable=False),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('title', sa.Text(), server_default='', nullable=False),
    sa.Column('title_given', sa.Text(), server_default='', nullable=False),
    sa.Column('note', sa.Text(), server_default='', nullable=False),
    sa.Column('state', sa.String(length=10), server_default='new', nullable=False),
    sa.Column('unread', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('added_at', sa.BigInteger(), nullable=False),
    sa.Column('by_added', sa.BigInteger(), nullable=False),
    sa.Column('changed_at', sa.BigInteger(), nullable=False),
    sa.Column('by_changed', sa.BigInteger(), nullable=False),
    sa.Column('rev', sa.BigInteger(), nullable=False),
    sa.Column('announced_rev', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('journalled_rev', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('announce_class', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('deleted_at', sa.BigInteger(), nullable=True),
    sa.Column('purged', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('current_snapshot_id', sa.String(length=36), nullable=True),
    sa.Column('last_snapshot_id', sa.String(length=36), nullable=True),
    sa.Column('language', sa.String(length=35), server_default='', nullable=False),
    sa.Column('http_status', sa.Integer(), nullable=True),
    sa.Column('taken_at', sa.BigInteger(), nullable=True),
    sa.Column('etag', sa.Text(), nullable=True),
    sa.Column('last_modified', sa.Text(), nullable=True),
    sa.Column('source_text_sha256', sa.String(length=64), nullable=True),
    sa.Column('due_at', sa.BigInteger(), nullable=True),
    sa.Column('priority', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('reason', sa.String(length=10), server_default='add', nullable=False),
    sa.Column('open_request_id', sa.String(length=36), nullable=True),
    sa.Column('sent_at', sa.BigInteger(), nullable=True),
    sa.Column('lease_until', sa.BigInteger(), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('first_failed_at', sa.BigInteger(), nullable=True),
    sa.Column('gone_count', sa.Integer(), server_default='0', nullable=False),
    sa.Column('failure_kind', sa.String(length=40), nullable=True),
    sa.Column('failure_detail', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('link_id', name=op.f('pk_links')),
    sa.UniqueConstraint('by_added', name=op.f('uq_links_by_added')),
    sa.UniqueConstraint('by_changed', name=op.f('uq_links_by_changed')),
    sa.UniqueConstraint('key_hash', name=op.f('uq_links_key_hash'))
    )
    op.create_index('ix_links_announce', 'links', ['announce_class', 'rev'], unique=False, sqlite_where=sa.text('rev > announced_rev'), postgresql_where=sa.text('rev > announced_rev'))
    op.create_index('ix_links_deleted_at', 'links', ['deleted_at'], unique=False, sqlite_where=sa.text('deleted_at IS NOT NULL'), postgresql_where=sa.text('deleted_at IS NOT NULL'))
    op.create_index('ix_links_due', 'links', ['host', 'priority', 'due_at'], unique=False, sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
    op.create_index('ix_links_facets', 'links', ['state', 'language', 'http_status', 'by_added', 'host', 'purged', 'deleted_at', 'link_id'], unique=False, sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))
    op.create_index('ix_links_journal', 'links', ['rev'], unique=False, sqlite_where=sa.text('rev > journalled_rev'), postgresql_where=sa.text('rev > journalled_rev'))
    op.create_index('ix_links_lease', 'links', ['lease_until'], unique=False, sqlite_where=sa.text('lease_until IS NOT NULL'), postgresql_where=sa.text('lease_until IS NOT NULL'))
    op.create_table('meta',
    sa.Column('key', sa.String(length=100), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_meta'))
    )
    op.create_table('tags',
    sa.Column('tag_id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=True),
    sa.Column('parent_id', sa.String(length=36), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('rev', sa.BigInteger(), nullable=False),
    sa.Column('journalled_rev', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('deleted_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['parent_id'], ['tags.tag_id'], name=op.f('fk_tags_parent_id')),
    sa.PrimaryKeyConstraint('tag_id', name=op.f('pk_tags')),
    sa.UniqueConstraint('key', name=op.f('uq_tags_key'))
    )
    op.create_index('ix_tags_journal', 'tags', ['rev'], unique=False, sqlite_where=sa.text('rev > journalled_rev'), postgresql_where=sa.text('rev > journalled_rev'))
    op.create_index(op.f('ix_tags_parent_id'), 'tags', ['parent_id'], unique=False)
    op.create_table('import_rows',
    sa.Column('import_id', sa.String(length=36), nullable=False),
    sa.Column('row', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('raw', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), server_default='', nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('notices', sa.Text(), nullable=True),
    sa.Column('link_id', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['import_id'], ['imports.import_id'], name=op.f('fk_import_rows_import_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('import_id', 'row', name=op.f('pk_import_rows'))
    )
    op.create_table('snapshots',
    sa.Column('snapshot_id', sa.String(length=36), nullable=False),
    sa.Column('link_id', sa.String(length=32), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=10), nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=True),
    sa.Column('finished_at', sa.BigInteger(), nullable=False),
    sa.Column('taken_at', sa.BigInteger(), nullable=True),
    sa.Column('final_url', sa.Text(), nullable=True),
    sa.Column('http_status', sa.Integer(), nullable=True),
    sa.Column('title', sa.Text(), nullable=True),
    sa.Column('language', sa.String(length=35), nullable=True),
    sa.Column('text_sha256', sa.String(length=64), nullable=True),
    sa.Column('source_text_sha256', sa.String(length=64), nullable=True),
    sa.Column('etag', sa.Text(), nullable=True),
    sa.Column('last_modified', sa.Text(), nullable=True),
    sa.Column('change', sa.Text(), nullable=True),
    sa.Column('quality', sa.Text(), nullable=True),
    sa.Column('manifest', sa.Text(), nullable=True),
    sa.Column('artifacts', sa.Text(), server_default='[]', nullable=False),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.Column('dropped', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.ForeignKeyConstraint(['link_id'], ['links.link_id'], name=op.f('fk_snapshots_link_id')),
    sa.PrimaryKeyConstraint('snapshot_id', name=op.f('pk_snapshots'))
    )
    op.create_index('ix_snapshots_link', 'snapshots', ['link_id', 'finished_at'], unique=False)
    op.create_table('versions',
    sa.Column('link_id', sa.String(length=32), nullable=False),
    sa.Column('text_sha256', sa.String(length=64), nullable=False),
    sa.Column('text_key', sa.Text(), nullable=False),
    sa.Column('seen_from', sa.BigInteger(), nullable=False),
    sa.Column('seen_to', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['link_id'], ['links.link_id'], name=op.f('fk_versions_link_id')),
    sa.PrimaryKeyConstraint('link_id', 'text_sha256', name=op.f('pk_versions'))
    )
    op.create_table('watches',
    sa.Column('link_id', sa.String(length=32), nullable=False),
    sa.Column('every', sa.String(length=40), nullable=False),
    sa.Column('every_s', sa.BigInteger(), nullable=False),
    sa.Column('next_at', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['link_id'], ['links.link_id'], name=op.f('fk_watches_link_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('link_id', name=op.f('pk_watches'))
    )
    op.create_index(op.f('ix_watches_next_at'), 'watches', ['next_at'], unique=False)


def downgrade() -> None:
    op.drop_table('watches')
    op.drop_table('versions')
    op.drop_table('snapshots')
    op.drop_table('import_rows')
    op.drop_table('tags')
    op.drop_table('meta')
    op.drop_table('links')
    op.drop_table('link_tags')
    op.drop_table('leases')
    op.drop_table('imports')
    op.drop_table('idempotency')
    op.drop_table('hosts')
    op.drop_table('dead_letters')
    op.drop_table('clocks')
