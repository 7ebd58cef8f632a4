// Package sim breaks the running product and checks what it promised:
// acknowledged means stored; stored and matched means delivered at least once
// or in a dead-letter queue.
package sim
