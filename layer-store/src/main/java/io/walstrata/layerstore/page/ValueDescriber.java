package io.walstrata.layerstore.page;

/** Says in a few words what a value is, for dumps. Used by one thread at a time. */
@FunctionalInterface
public interface ValueDescriber {
  /** Gives a value's kind and length, whatever its bytes are. */
  ValueDescriber LENGTH =
      (key, lsn, value) ->
          switch (value.kind()) {
                case IMAGE -> "image, ";
                case WAL_RECORD -> "wal record, ";
                case WAL_RECORD_WILL_INIT -> "wal record, will_init, ";
              }
              + value.bytes().length
              + " bytes";

  /** Returns one line without a line end. Never throws for a value that it cannot make out. */
  String describe(PageKey key, Lsn lsn, Value value);
}
