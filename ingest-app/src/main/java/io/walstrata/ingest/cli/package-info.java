/** The command line: one class per subcommand, read-only unless its name says otherwise. */
@NullMarked
package io.walstrata.ingest.cli;

import org.jspecify.annotations.NullMarked;
