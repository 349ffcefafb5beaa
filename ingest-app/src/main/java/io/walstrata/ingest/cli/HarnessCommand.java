package io.walstrata.ingest.cli;

import picocli.CommandLine.Command;

/**
 * A command that is not in the job's jar but in that of the harness, which only its own commands
 * load. Public, with a public constructor, picocli's {@link Command} annotation and a line in
 * {@code META-INF/services}.
 */
public interface HarnessCommand {}
