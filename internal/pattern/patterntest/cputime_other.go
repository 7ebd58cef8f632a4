//go:build !linux

package patterntest

import "time"

// ThreadTime returns 0: this system does not tell how long a thread has been
// running.
func ThreadTime() time.Duration { return 0 }
