package delivery

import (
	"math/rand/v2"
	"time"
)

// The backoff of a lane that has none of its own. With these numbers the 185
// retries of a rule take about as long as the 24 hours that it may take.
const (
	BackoffBase = time.Second
	BackoffCap  = 15 * time.Minute
)

// FullJitter returns a backoff that waits a random time of up to base·2ⁿ⁻¹
// before retry n, and never more than limit: spreading retries over the whole
// range is what keeps many failing deliveries from coming back at once.
func FullJitter(base, limit time.Duration) func(retry int, rnd *rand.Rand) time.Duration {
	return func(retry int, rnd *rand.Rand) time.Duration {
		most := limit
		if shift := retry - 1; shift < 62 && base<<shift>>shift == base {
			most = min(limit, base<<max(shift, 0))
		}
		return time.Duration(rnd.Int64N(int64(max(most, 0)) + 1))
	}
}

// next says what follows a failed attempt: how long to wait, or which limit
// forbids another one. The job has failed r.attempts times by now, and is as
// old as age.
func (p Policy) next(r *row, f *Failure, age time.Duration, wait func(retry int) time.Duration) (delay time.Duration, again bool, limit Limit) {
	switch {
	case f.Permanent:
		return 0, false, NoLimit
	case !f.Free && r.charged > p.MaxRetries:
		return 0, false, MaxRetries
	case p.MaxAge > 0 && age >= p.MaxAge:
		return 0, false, MaxAge
	}
	delay = f.After
	if delay <= 0 {
		delay = wait(r.attempts)
	}
	if p.MaxAge > 0 {
		// The last attempt is made when the age is reached, not before.
		delay = min(delay, p.MaxAge-age)
	}
	return delay, true, NoLimit
}
