/** The command line: one class per subcommand; those that write have a name that shows it. */
@NullMarked
package io.walstrata.ingest.cli;

import org.jspecify.annotations.NullMarked;
