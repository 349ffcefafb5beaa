package io.walstrata.ingest.cli;

import io.walstrata.ingest.config.IngestSettings;
import io.walstrata.ingest.config.SettingsFile;
import io.walstrata.ingest.deadletter.DeadLetter;
import io.walstrata.ingest.deadletter.DeadLetterClients;
import io.walstrata.ingest.deadletter.DeadLetterReplay;
import io.walstrata.ingest.deadletter.DeadLetterSelection;
import io.walstrata.ingest.deadletter.DeadLetters;
import io.walstrata.ingest.http.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Shows dead letters and sends them again. */
@Command(
    name = "dlq",
    description = "Show the records that a job has refused, and send them again.",
    synopsisSubcommandLabel = "list|replay",
    subcommands = {DlqCommand.ListLetters.class, DlqCommand.Replay.class})
final class DlqCommand {
  private static final String SETTINGS =
      "%n  --streams.NAME=VALUE    passed to Kafka's clients, such as security settings%n%n"
          + "The job's own configuration file can be used.%n";

  /** The options of both: where the letters are, and which of them to use. */
  abstract static class OfLetters implements Callable<Integer> {
    @Option(
        names = "--config",
        paramLabel = "FILE",
        order = 1,
        description = "Java properties file with the job's settings.")
    private @Nullable Path file;

    @Option(
        names = "--" + IngestSettings.BOOTSTRAP_SERVERS,
        paramLabel = "HOST:PORT",
        order = 2,
        description = "Kafka brokers to start from. Required, here or in the file.")
    private @Nullable String bootstrapServers;

    @Option(
        names = "--" + IngestSettings.DEAD_LETTER_TOPIC,
        paramLabel = "TOPIC",
        order = 3,
        description = "Default: APPLICATION_ID-dead-letters, as of the job.")
    private @Nullable String deadLetterTopic;

    @Option(
        names = "--" + IngestSettings.APPLICATION_ID,
        paramLabel = "ID",
        order = 4,
        description = "The job's. Default: walstrata.")
    private @Nullable String applicationId;

    @Option(
        names = "--reason",
        paramLabel = "REASON",
        split = ",",
        order = 5,
        description = "Only these: null_key, undecodable, late, … More than one with commas.")
    private Set<String> reasons = new HashSet<>();

    @Option(
        names = "--topic",
        paramLabel = "TOPIC",
        order = 6,
        description = "Only records of this WAL topic.")
    private @Nullable String topic;

    @Option(
        names = "--partition",
        paramLabel = "NUMBER",
        order = 7,
        description = "Only records of this partition of it.")
    private @Nullable Integer partition;

    @Option(
        names = "--from-offset",
        paramLabel = "OFFSET",
        order = 8,
        defaultValue = "0",
        description = "Only records from this offset on.")
    private long fromOffset;

    @Option(
        names = "--to-offset",
        paramLabel = "OFFSET",
        order = 9,
        defaultValue = "9223372036854775807",
        description = "Only records up to this offset, inclusive.")
    private long toOffset;

    @Option(
        names = "--limit",
        paramLabel = "NUMBER",
        order = 10,
        defaultValue = "9223372036854775807",
        description = "At most so many, in the order of the dead-letter topic.")
    private long limit;

    @Unmatched private final List<String> others = new ArrayList<>();

    @Spec private CommandSpec spec;

    abstract int run(DeadLetters letters, PrintWriter out);

    @Override
    public final Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      checkBounds();
      DeadLetterClients clients = clients();
      try {
        return run(new DeadLetters(clients), out);
      } catch (RetriableException e) {
        throw new CommandFailedException(
            ExitStatus.UNAVAILABLE,
            "the dead-letter topic cannot be read: bootstrap.servers="
                + clients.bootstrapServers()
                + ", topic="
                + clients.topic()
                + ", error="
                + e.getMessage(),
            e);
      } catch (KafkaException e) {
        throw new CommandFailedException(
            ExitStatus.FAILED, "failed at Kafka: topic=" + clients.topic() + ", error=" + e, e);
      } finally {
        out.flush();
      }
    }

    private void checkBounds() {
      require(partition == null || partition >= 0, "--partition", "0 or more", partition);
      require(fromOffset >= 0, "--from-offset", "0 or more", fromOffset);
      require(toOffset >= fromOffset, "--to-offset", "at least --from-offset", toOffset);
      require(limit > 0, "--limit", "1 or more", limit);
    }

    private void require(boolean holds, String option, String expected, @Nullable Object value) {
      if (!holds) {
        throw new ParameterException(
            spec.commandLine(), option + " must be " + expected + ": value=" + value);
      }
    }

    private DeadLetterClients clients() {
      Map<String, String> settings =
          new HashMap<>(file == null ? Map.of() : SettingsFile.read(file));
      put(settings, IngestSettings.BOOTSTRAP_SERVERS, bootstrapServers);
      put(settings, IngestSettings.DEAD_LETTER_TOPIC, deadLetterTopic);
      put(settings, IngestSettings.APPLICATION_ID, applicationId);
      Set<String> given = new HashSet<>();
      for (String other : others) {
        int equals = other.indexOf('=');
        if (!other.startsWith("--" + IngestSettings.STREAMS_PREFIX) || equals < 0) {
          throw new ParameterException(spec.commandLine(), "unknown argument: " + other);
        }
        if (!given.add(other.substring(2, equals))) {
          throw new ParameterException(
              spec.commandLine(), "given twice: " + other.substring(0, equals));
        }
        settings.put(other.substring(2, equals), other.substring(equals + 1));
      }
      String servers = settings.get(IngestSettings.BOOTSTRAP_SERVERS);
      if (servers == null) {
        throw new ParameterException(
            spec.commandLine(), "no brokers are given: use --bootstrap.servers or --config");
      }
      String id = settings.getOrDefault(IngestSettings.APPLICATION_ID, "walstrata");
      Map<String, String> passedOn = new HashMap<>();
      settings.forEach(
          (name, value) -> {
            if (name.startsWith(IngestSettings.STREAMS_PREFIX)) {
              passedOn.put(name.substring(IngestSettings.STREAMS_PREFIX.length()), value);
            }
          });
      return new DeadLetterClients(
          servers,
          settings.getOrDefault(IngestSettings.DEAD_LETTER_TOPIC, id + "-dead-letters"),
          passedOn);
    }

    private static void put(Map<String, String> settings, String name, @Nullable String value) {
      if (value != null) {
        settings.put(name, value);
      }
    }

    /** Returns which letters are meant, without the limit. */
    DeadLetterSelection selection() {
      return new DeadLetterSelection(reasons, topic, partition, fromOffset, toOffset);
    }

    long limit() {
      return limit;
    }

    boolean isReasonGiven() {
      return !reasons.isEmpty();
    }
  }

  @Command(
      name = "list",
      description = "List dead letters; reads the topic twice, up to its end.",
      sortOptions = false,
      footer = {
        SETTINGS,
        "Exit status: 0 listed, 2 wrong usage, 4 broker or topic cannot be reached, 5 failed."
      })
  static final class ListLetters extends OfLetters {
    /** In memory until their widths are known. */
    private static final int ROWS = 500;

    @Option(names = "--json", order = 20, description = "Print a JSON object per line.")
    private boolean json;

    /** A line of JSON. */
    record Line(
        String reason,
        String topic,
        int partition,
        long offset,
        long timestampMs,
        int keyBytes,
        int valueBytes,
        boolean replayed,
        String message,
        String letter) {}

    @Override
    int run(DeadLetters letters, PrintWriter out) {
      long[] listed = {0};
      if (json) {
        letters.forEach(
            selection(),
            each -> {
              out.println(line(each));
              return ++listed[0] < limit() && !out.checkError();
            });
        return ExitStatus.OK;
      }
      Table table =
          new Table(
              "REASON",
              "TOPIC",
              "PARTITION",
              "OFFSET",
              "TIMESTAMP",
              "BYTES",
              "REPLAYED",
              "MESSAGE");
      letters.forEach(
          selection(),
          each -> {
            if (listed[0]++ < limit()) {
              add(table, each);
            }
            if (listed[0] % ROWS == 0) {
              table.printPart(out);
            }
            return !out.checkError();
          });
      table.printPart(out);
      if (listed[0] > limit()) {
        out.println("and " + (listed[0] - limit()) + " more");
      }
      return ExitStatus.OK;
    }

    private static void add(Table table, DeadLetters.Listed each) {
      DeadLetter letter = each.letter();
      table.row(
          letter.reason(),
          letter.topic(),
          letter.partition(),
          letter.offset(),
          letter.timestampMs() == 0 ? "-" : Instant.ofEpochMilli(letter.timestampMs()),
          Math.max(0, letter.valueBytes()),
          each.isReplayed() ? "yes" : "no",
          letter.message());
    }

    private static String line(DeadLetters.Listed each) {
      DeadLetter letter = each.letter();
      return Json.text(
          new Line(
              letter.reason(),
              letter.topic(),
              letter.partition(),
              letter.offset(),
              letter.timestampMs(),
              letter.keyBytes(),
              letter.valueBytes(),
              each.isReplayed(),
              letter.message(),
              letter.position().toString()));
    }
  }

  @Command(
      name = "replay",
      description = {
        "Send dead letters again, to the topic that they came from.",
        "",
        "Bytes, key, headers and timestamp are the original ones. Each letter is sent",
        "once: a mark in the dead-letter topic is written in one transaction with the",
        "record. After an interruption, run it again.",
        "",
        "It helps where the cause is gone: the schema is registered, or the timeline is",
        "allowed, in the meantime. Other records become new dead letters. Late records",
        "are sent only with --reason late: they will be late again, unless the layers",
        "are built again from the topic."
      },
      sortOptions = false,
      footer = {
        SETTINGS,
        "Exit status: 0 sent, or nothing to send; 2 wrong usage, 4 broker or topic",
        "cannot be reached, 5 failed."
      })
  static final class Replay extends OfLetters {
    private static final String LATE = "late";

    @Option(names = "--dry-run", order = 20, description = "Only print how many would be sent.")
    private boolean isDryRun;

    @Option(names = "--again", order = 21, description = "Also those that were sent before.")
    private boolean again;

    @Option(
        names = "--by-key",
        order = 22,
        description = "To the partition that the key chooses, rather than to the same one.")
    private boolean byKey;

    private long chosen;
    private long late;
    private long before;

    @Override
    int run(DeadLetters letters, PrintWriter out) {
      if (isDryRun) {
        letters.forEach(
            selection(),
            each -> {
              isChosen(each);
              return chosen < limit();
            });
        printLeftOut(out);
        out.println("would send: " + chosen);
        return ExitStatus.OK;
      }
      long[] sent = {0};
      // Opened before the marks are read: no other replay can send any from here on.
      try (DeadLetterReplay replay = letters.replay()) {
        try {
          replay.send(
              selection(),
              this::isChosen,
              limit(),
              /* samePartition= */ !byKey,
              batch -> sent[0] += batch);
        } finally {
          printLeftOut(out);
          out.println("sent: " + sent[0] + " of " + chosen);
        }
      } catch (ProducerFencedException e) {
        throw new CommandFailedException(
            ExitStatus.FAILED,
            "another replay of this topic has begun, or the transaction took longer than its"
                + " timeout; this one ends",
            e);
      }
      return ExitStatus.OK;
    }

    /** Returns whether a letter of the selection is to be sent, and counts it. */
    private boolean isChosen(DeadLetters.Listed each) {
      boolean isLate = !isReasonGiven() && each.letter().reason().equals(LATE);
      boolean wasSent = !again && each.isReplayed();
      late += isLate ? 1 : 0;
      before += wasSent ? 1 : 0;
      if (isLate || wasSent) {
        return false;
      }
      chosen++;
      return true;
    }

    private void printLeftOut(PrintWriter out) {
      if (late > 0) {
        out.println("left out, late as they would be again: " + late);
      }
      if (before > 0) {
        out.println("sent before: " + before);
      }
    }
  }
}
