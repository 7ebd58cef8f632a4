package bench

import (
	"bytes"
	"os"
	"strconv"
	"testing"
	"time"

	"stormbus/test/harness"
)

// BenchmarkReady measures the time from starting the process on an empty data
// directory to its ready line, and the resident memory of the idle process.
func BenchmarkReady(b *testing.B) {
	var took time.Duration
	var resident int64
	for b.Loop() {
		begin := time.Now()
		server := harness.Start(b, binary, b.TempDir())
		took += time.Since(begin)
		resident = max(resident, residentBytes(b, server.Process.Pid))
		server.Kill()
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/ready")
	b.ReportMetric(float64(resident)/(1<<20), "MiB-rss")
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/(1<<20), "MiB-binary")
}

// residentBytes reads VmRSS of a process; it is 0 where there is no /proc.
func residentBytes(b *testing.B, pid int) int64 {
	b.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if os.IsNotExist(err) {
		return 0
	}
	if err != nil {
		b.Fatal(err)
	}
	for line := range bytes.Lines(status) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == "VmRSS:" {
			kb, err := strconv.ParseInt(string(fields[1]), 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb << 10
		}
	}
	b.Fatal("no VmRSS in /proc/<pid>/status")
	return 0
}
