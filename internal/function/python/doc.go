// Package python holds the embedded runtime that runs Python handlers as AWS
// Lambda does, and finds the interpreters to run it with.
//
// The runtime is one source for Python 3.8 and newer, standard library only:
// [Install] writes it to disk once per version of its text, and an interpreter
// runs it with "python <directory>". It speaks the Runtime API, so it knows
// nothing of this process.
//
// What differs from AWS's own runtime: an interpreter's own site-packages are
// visible to the handler, so a locally installed boto3 is found.
package python
