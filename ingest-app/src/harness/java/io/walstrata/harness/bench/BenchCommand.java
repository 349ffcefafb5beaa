package io.walstrata.harness.bench;

import io.walstrata.ingest.cli.HarnessCommand;
import picocli.CommandLine.Command;

/** {@code walstrata bench}: measures the storage engine and the job on this machine. */
@Command(
    name = "bench",
    description =
        "Measure the storage engine and the job on this machine; nothing else needs to run.",
    subcommands = {
      BenchIngestCommand.class,
      BenchPeersCommand.class,
      BenchE2eCommand.class,
      BenchRestartCommand.class,
      BenchRedoCommand.class
    })
public final class BenchCommand implements HarnessCommand {}
