package io.walstrata.layerstore.page;

/** Describes a value in a few words, for dumps. Used by one thread at a time. */
@FunctionalInterface
public interface ValueDescriber {
  /** Describes any value by its kind and length. */
  ValueDescriber LENGTH =
      (key, lsn, value) ->
          switch (value.kind()) {
                case IMAGE -> "image, ";
                case WAL_RECORD -> "wal record, ";
                case WAL_RECORD_WILL_INIT -> "wal record, will_init, ";
              }
              + value.bytes().length
              + " bytes";

  /** Returns one line without a line end. Never throws, even if it cannot decode the value. */
  String describe(PageKey key, Lsn lsn, Value value);
}
