// Package function runs functions: it keeps execution environments, hands them
// one invocation at a time, and tells what became of each as AWS Lambda does.
//
// # Vocabulary
//
// A [Spec] is one revision of a function: its code, its runtime, its limits. An
// environment is a place where one revision runs: a directory for temporary
// files and a process that speaks the Runtime API (package runtimeapi). A cold
// start makes an environment; afterwards it is idle, and frozen, until the
// next invocation of the same revision takes it. The environment that was used
// last is taken first, so few of them stay warm.
//
// # What may be relied on
//
// An environment runs one invocation at a time. A timeout or a crash replaces
// its process, so what the code had in memory is gone, but not its temporary
// files. An error that the handler raises replaces nothing. No process outlives
// [Pool.Close]; on Linux none outlives a killed server either.
//
// # Time
//
// A function lives in host time: its deadline is told and enforced by the
// host's clock. Only the age at which an idle environment is given up follows
// the injected clock.
//
// # Isolation
//
// There is one level, "process": a process group of its own, its own directory
// for temporary files, read-only code. It is for your own code; it does not
// protect the machine from it. Functions share the host's network on purpose,
// they have to reach the bus.
//
// # What differs from AWS
//
// An initialization that fails is reported to the invocation that caused it;
// AWS runs it a second time first. One that takes longer than ten seconds is
// run again within the invocation, as on AWS. LAMBDA_TASK_ROOT and PATH name
// directories of the host. The process is killed when it uses more memory than
// the function has, measured every 100 ms, on Linux only.
package function
