-- wrk's script for ops/bench: an answer counts only if it is 200 and its body is, byte for byte, that of BENCH_BODY.

local file = assert(io.open(os.getenv("BENCH_BODY"), "rb"))
local expected = file:read("*a")
file:close()

right, wrong = 0, 0

function response(status, headers, body)
    if status == 200 and body == expected then
        right = right + 1
    else
        wrong = wrong + 1
    end
end

local threads = {}

function setup(thread)
    table.insert(threads, thread)
end

-- Right answers, wrong ones, right ones a second.
function done(summary)
    local right, wrong = 0, 0
    for _, thread in ipairs(threads) do
        right = right + thread:get("right")
        wrong = wrong + thread:get("wrong")
    end
    local errors = summary.errors
    wrong = wrong + errors.connect + errors.read + errors.write + errors.timeout
    print(string.format("bench: %d %d %.1f", right, wrong, right / (summary.duration / 1e6)))
end
