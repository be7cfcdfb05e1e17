"""How a database comes from one shape to the next; run through `db.migrate`, drafted by `db.migrations.draft`."""
