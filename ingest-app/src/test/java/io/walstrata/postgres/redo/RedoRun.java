package io.walstrata.postgres.redo;

import io.walstrata.postgres.wal.Rmgr;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.commons.io.FileUtils;

/**
 * One script on one release.
 *
 * @param release as for {@link RedoCheck}
 * @param script its name
 */
record RedoRun(String release, String script) {
  private static final List<String> RELEASES = List.of("15", "16", "17", "18");
  private static final List<String> OLDER_MINORS = List.of("17.10", "18.4");
  private static final List<String> OF_OLDER_MINORS = List.of("general", "heap");

  /** Returns the runs that prove what the document claims: all scripts of the test resources. */
  static List<RedoRun> all() throws IOException {
    List<RedoRun> runs = new ArrayList<>();
    for (String script : scripts()) {
      RELEASES.forEach(release -> runs.add(new RedoRun(release, script)));
      if (OF_OLDER_MINORS.contains(script)) {
        OLDER_MINORS.forEach(release -> runs.add(new RedoRun(release, script)));
      }
    }
    return runs;
  }

  private static TreeSet<String> scripts() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    URL url = Objects.requireNonNull(RedoRun.class.getResource("/redo/"), "resource /redo/");
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(url.toURI()), "*.sql")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        names.add(name.substring(0, name.length() - ".sql".length()));
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    return names;
  }

  /** Runs the script on a new server and replays its log. */
  ConsistencyReplay replay(Path servers) throws IOException, SQLException {
    Path log = Files.createTempDirectory("redo-" + script + "-");
    try {
      RedoCheck.make(servers, release, script, log);
      ConsistencyReplay replay = new ConsistencyReplay(EnumSet.noneOf(Rmgr.class), 2);
      replay.replay(log);
      return replay;
    } finally {
      FileUtils.deleteDirectory(log.toFile());
    }
  }
}
