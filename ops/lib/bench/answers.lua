-- wrk's script for ops/bench. An answer counts only if it is 200 and its body is right:
--   BENCH_BODY      byte for byte that of this file, or
--   BENCH_ANSWERS   a stream with so many `answer` frames and a `done` frame; BENCH_QUESTION, a file, is what is posted

local function contents(name)
    local file = assert(io.open(os.getenv(name), "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

local is_right
if os.getenv("BENCH_BODY") then
    local expected = contents("BENCH_BODY")
    is_right = function(body) return body == expected end
else
    local answers = tonumber(os.getenv("BENCH_ANSWERS"))
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.body = contents("BENCH_QUESTION")
    is_right = function(body)
        local _, count = body:gsub('\ndata: {"event":"answer",', "")
        return count == answers and body:find('\ndata: {"event":"done",', 1, true)
    end
end

right, wrong = 0, 0

function response(status, headers, body)
    if status == 200 and is_right(body) then
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
