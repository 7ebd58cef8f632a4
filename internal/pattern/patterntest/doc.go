// Package patterntest makes event patterns and events for tests and benchmarks
// of package pattern: the rule sets that its speed is measured with, and random
// ones that are made to find differences between two ways of matching. The same
// seed always makes the same. It is used by tests only.
package patterntest
