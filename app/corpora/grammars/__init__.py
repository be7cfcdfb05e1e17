"""One file a corpus. A new one is a file here with a class registered under the corpus' name; the contract test takes it in by itself."""
