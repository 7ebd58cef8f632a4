package function

import (
	"fmt"
	"strings"
	"time"
)

// report is the line that AWS writes into the log when an invocation is over.
type report struct {
	requestID string
	duration  time.Duration
	init      time.Duration // zero if the environment was warm
	memoryMB  int           // of the function
	mostMB    int           // used; zero if unknown
	status    string        // empty, "timeout" or "error"
	errorType string
}

func (r report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "REPORT RequestId: %s\tDuration: %s ms\tBilled Duration: %d ms\tMemory Size: %d MB\t",
		r.requestID, millis(r.duration), (r.duration+time.Millisecond-1)/time.Millisecond, r.memoryMB)
	if r.mostMB > 0 {
		fmt.Fprintf(&b, "Max Memory Used: %d MB\t", r.mostMB)
	}
	if r.init > 0 {
		fmt.Fprintf(&b, "Init Duration: %s ms\t", millis(r.init))
	}
	if r.status != "" {
		fmt.Fprintf(&b, "Status: %s\t", r.status)
	}
	if r.status == "error" && r.errorType != "" {
		fmt.Fprintf(&b, "Error Type: %s\t", r.errorType)
	}
	return b.String()
}

// millis writes a duration in milliseconds with two decimals.
func millis(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/float64(time.Millisecond)) }
