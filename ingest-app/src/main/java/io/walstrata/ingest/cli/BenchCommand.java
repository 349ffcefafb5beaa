package io.walstrata.ingest.cli;

import picocli.CommandLine.Command;

/** {@code walstrata bench}: measures the storage engine on this machine. */
@Command(
    name = "bench",
    description = "Measure the storage engine on this machine; nothing else needs to run.",
    subcommands = {BenchIngestCommand.class, BenchPeersCommand.class})
final class BenchCommand {}
