package io.walstrata.harness.demo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The demo's SQL: a small table {@code account}, whose one page is read later, and a large one,
 * {@code history}, whose load comes between.
 */
final class SqlWorkload {
  private static final int CHUNKS = 10;
  private static final int CHUNK_ROWS = 2_000;

  /** After each chunk, so that layers can be watched as they appear. */
  private static final int PAUSE_MS = 150;

  private final Connection connection;
  private final TimelineId timeline;
  private final DemoSource.Steps steps;
  private final List<Moment> moments = new ArrayList<>();

  SqlWorkload(Connection connection, TimelineId timeline, DemoSource.Steps steps) {
    this.connection = connection;
    this.timeline = timeline;
    this.steps = steps;
  }

  /** Runs it, and returns the page that can be read then, and its moments. */
  DemoStory run() throws SQLException, InterruptedException {
    execute("create extension pageinspect");
    open();
    fillHistory();
    pay();
    changeHistory();
    leave();
    dropScratch();
    return new DemoStory(
        timeline,
        key(),
        "block 0 of table account (tablespace.database.relation.fork.block)",
        "what PostgreSQL itself had at that moment",
        moments);
  }

  private void open() throws SQLException {
    execute(
        "create table account (id int, owner text, balance int) with (autovacuum_enabled = off)",
        "insert into account values (1, 'Ada', 100), (2, 'Bob', 100), (3, 'Cyd', 100)");
    note("create table account, insert 3 rows", "3 rows inserted");
  }

  private void fillHistory() throws SQLException, InterruptedException {
    execute("create table history (id int, account int, note text)");
    String step = "insert 20,000 rows into table history";
    for (int i = 0; i < CHUNKS; i++) {
      execute(
          "insert into history select g, g % 3 + 1, md5(g::text) || md5((-g)::text)"
              + (" from generate_series(" + (i * CHUNK_ROWS + 1) + ", ")
              + ((i + 1) * CHUNK_ROWS + ") g"));
      steps.progress(step, i + 1L, CHUNKS);
      Thread.sleep(PAUSE_MS);
    }
    steps.done(step, lsn());
    execute("create index on history (note)");
    steps.done("create index on history", lsn());
  }

  private void pay() throws SQLException {
    // The first change of a page after a checkpoint logs the whole page.
    execute(
        "checkpoint",
        "update account set balance = balance - 30 where id = 1",
        "update account set balance = balance + 30 where id = 2");
    note("checkpoint, then account 1 pays account 2", "checkpoint, then 2 rows updated");
  }

  private void changeHistory() throws SQLException, InterruptedException {
    String step = "update a quarter of history, delete a tenth";
    for (int i = 0; i < CHUNKS; i++) {
      execute(
          "update history set account = account + 1 where id % 40 = " + i * 4,
          "delete from history where id % 100 = " + (i * 10 + 1));
      steps.progress(step, i + 1L, CHUNKS);
      Thread.sleep(PAUSE_MS);
    }
    steps.done(step, lsn());
    execute("vacuum history");
    steps.done("vacuum history", lsn());
  }

  private void leave() throws SQLException {
    execute("checkpoint", "delete from account where id = 3", "vacuum account");
    note("checkpoint, delete account 3, vacuum account", "checkpoint, 1 row deleted, then vacuum");
  }

  private void dropScratch() throws SQLException {
    execute("create table scratch as select * from history limit 1000", "drop table scratch");
    steps.done("create table scratch and drop it", lsn());
    // A record after the last position, so that readers of the WAL get past that position.
    execute("select pg_logical_emit_message(true, 'walstrata', 'done')");
  }

  /** Ends a step at which the page will be read. */
  private void note(String step, String event) throws SQLException {
    Lsn now = lsn();
    Lsn page = queryLsn("select lsn from page_header(get_raw_page('account', 0))");
    moments.add(new Moment(now, event, page, rows()));
    steps.done(step, now);
  }

  private List<String> rows() throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet each =
            statement.executeQuery(
                "select id || ' ' || owner || ' ' || balance from account order by ctid")) {
      while (each.next()) {
        rows.add(each.getString(1));
      }
    }
    return rows;
  }

  private Lsn lsn() throws SQLException {
    // What is inserted, not what is written out: vacuum does not wait for that.
    return queryLsn("select pg_current_wal_insert_lsn()");
  }

  private Lsn queryLsn(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return Lsn.parse(row.getString(1));
    }
  }

  private PageKey key() throws SQLException {
    String sql =
        "select coalesce(nullif(c.reltablespace, 0), d.dattablespace), d.oid,"
            + " pg_relation_filenode(c.oid)"
            + " from pg_class c, pg_database d"
            + " where c.oid = 'account'::regclass and d.datname = current_database()";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return PageKey.of(0, row.getLong(1), row.getLong(2), row.getLong(3), 0, 0);
    }
  }

  private void execute(String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
