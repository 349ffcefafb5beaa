package io.walstrata.ingest.cli;

import picocli.CommandLine.Command;

/** {@code walstrata wal}: looks into PostgreSQL's write-ahead log files. */
@Command(
    name = "wal",
    description = "Look into PostgreSQL's write-ahead log.",
    subcommands = WalDumpCommand.class)
final class WalCommand {}
