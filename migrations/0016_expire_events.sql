-- Events are kept for as long as a live reader may stay away. The worker deletes the lowest positions of the log, and their
-- events with them, in batches. Not by partitions: dropping one would lock the relay and every reader out of the whole
-- table, and a day's partition would need the day in the key of events.event, by which their writers know nothing of it.
GRANT DELETE ON events.log, events.event TO agentes_worker;

-- As many rows leave as come: vacuumed by their number, and not once a fifth of everything is dead.
ALTER TABLE events.log SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000);
ALTER TABLE events.event SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 50000);
