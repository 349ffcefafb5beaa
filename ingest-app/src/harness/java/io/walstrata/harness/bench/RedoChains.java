package io.walstrata.harness.bench;

import io.walstrata.harness.servers.Distribution;
import io.walstrata.harness.servers.PostgresServer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.redo.PostgresRedo;
import io.walstrata.postgres.rmgr.PageVersion;
import io.walstrata.postgres.rmgr.WalEffects;
import io.walstrata.postgres.rmgr.WalMapper;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.RecordLimits;
import io.walstrata.postgres.wal.WalArchive;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Pages with the records after them, from the log of a PostgreSQL that ran a small load. */
final class RedoChains {
  /** Reads nothing: the records of these chains need no other key. */
  static final PageSource NO_OTHERS = (key, asOf) -> new RedoResult.Absent("not in the benchmark");

  /**
   * A page, and the records after it, oldest first.
   *
   * @param name what most of the records are
   * @param base the page before the first record
   */
  record Chain(String name, PageKey key, Version base, List<Version> records) {
    RedoRequest request(int count) {
      List<Version> first = records.subList(0, count);
      return new RedoRequest(key, first.get(count - 1).lsn(), base, first, null, NO_OTHERS);
    }

    long bytes(int count) {
      return records.subList(0, count).stream().mapToLong(r -> r.value().bytes().length).sum();
    }
  }

  private final PostgresRedo redo = new PostgresRedo();
  private final Map<PageKey, Version> bases = new HashMap<>();
  private final Map<PageKey, List<Version>> records = new HashMap<>();
  private final Map<PageKey, Chain> longest = new HashMap<>();

  private RedoChains() {}

  /** Runs the load, and returns the longest chain of each of its relations. */
  static List<Chain> make(Path directory) throws IOException, SQLException {
    try (PostgresServer server =
        PostgresServer.bundled(Distribution.locate(), directory)
            .withSetting("autovacuum", "off")
            .withSetting("checkpoint_timeout", "1h")
            .withSetting("max_wal_size", "8GB")) {
      server.start();
      Map<String, Long> relations;
      try (Connection connection = server.connect()) {
        relations = load(connection);
      }
      server.stop();
      RedoChains chains = new RedoChains();
      chains.read(server.dataDirectory().resolve("pg_wal"));
      return chains.longestOf(relations);
    }
  }

  private static Map<String, Long> load(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("create table hot (id int, v int, pad text) with (fillfactor = 50)");
      statement.execute(
          "insert into hot select g, 0, repeat('x', 50) from generate_series(1, 20) g");
      statement.execute("create table filled (v int, pad text)");
      statement.execute("create table keyed (k int)");
      statement.execute("create index keyed_k on keyed (k)");
      statement.execute("insert into keyed select 1000000 * g from generate_series(1, 2) g");
      statement.execute("checkpoint");
      for (int i = 0; i < 2000; i++) {
        statement.execute("update hot set v = v + 1 where id = " + (i % 20 + 1));
      }
      for (int i = 0; i < 300; i++) {
        statement.execute("insert into filled values (" + i + ", 'abcdefgh')");
        statement.execute("insert into keyed values (" + i * 7919 % 1000 + ")");
      }
      Map<String, Long> relations = new LinkedHashMap<>();
      relations.put("HOT_UPDATE", fileNumber(statement, "hot"));
      relations.put("INSERT", fileNumber(statement, "filled"));
      relations.put("INSERT_LEAF", fileNumber(statement, "keyed_k"));
      return relations;
    }
  }

  private static long fileNumber(Statement statement, String relation) throws SQLException {
    try (ResultSet row =
        statement.executeQuery("select pg_relation_filenode('" + relation + "')")) {
      row.next();
      return row.getLong(1);
    }
  }

  private void read(Path directory) throws IOException {
    WalMapper mapper = new WalMapper();
    try (WalSegmentReader reader =
        WalSegmentReader.open(
            WalArchive.of(List.of(directory)).segments(), Lsn.INVALID, RecordLimits.NONE)) {
      for (WalRecord record = reader.next(); record != null; record = reader.next()) {
        WalEffects effects = mapper.map(record);
        for (PageVersion version : effects.versions()) {
          if (version.key().kind() == 0 && version.key().block() != PgKeys.SIZE_BLOCK) {
            add(version.key(), new Version(effects.lsn(), version.value()));
          }
        }
      }
    }
    List.copyOf(bases.keySet()).forEach(this::end);
  }

  private void add(PageKey key, Version version) throws IOException {
    if (version.value().kind().needsOlder()) {
      if (bases.containsKey(key)) {
        records.computeIfAbsent(key, k -> new ArrayList<>()).add(version);
      }
      return;
    }
    end(key);
    RedoResult made =
        redo.redo(new RedoRequest(key, version.lsn(), null, List.of(version), null, NO_OTHERS));
    if (made instanceof RedoResult.Page page) {
      bases.put(key, new Version(version.lsn(), Value.image(page.bytes())));
    }
  }

  /** A new base ends the chain of the one before. */
  private void end(PageKey key) {
    Version base = bases.remove(key);
    List<Version> after = records.remove(key);
    Chain known = longest.get(key);
    if (base != null && after != null) {
      if (known == null || known.records().size() < after.size()) {
        longest.put(key, new Chain("", key, base, List.copyOf(after)));
      }
    }
  }

  private List<Chain> longestOf(Map<String, Long> relations) {
    List<Chain> chains = new ArrayList<>();
    relations.forEach(
        (name, relation) ->
            longest.values().stream()
                .filter(chain -> chain.key().rel() == relation)
                .filter(chain -> chain.key().fork() == PgKeys.MAIN_FORK)
                .max((a, b) -> Integer.compare(a.records().size(), b.records().size()))
                .ifPresent(
                    chain ->
                        chains.add(new Chain(name, chain.key(), chain.base(), chain.records()))));
    return chains;
  }
}
