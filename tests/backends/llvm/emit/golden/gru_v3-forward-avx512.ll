
declare void @gw.barrier(ptr, i32)
declare void @gw_gemm(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, i1)
declare void @gw_gemv(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemv_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemm_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, ptr)

define internal void @copy(ptr %to, ptr %from, i64 %n) nounwind {
entry:
  %v1 = sdiv i64 %n, 16
  br label %head2
head2:
  %v3 = phi i64 [ 0, %entry ], [ %v4, %body2 ]
  %v5 = icmp slt i64 %v3, %v1
  br i1 %v5, label %body2, label %done2
body2:
  %v6 = mul i64 %v3, 16
  %v7 = getelementptr inbounds float, ptr %from, i64 %v6
  %v8 = load <16 x float>, ptr %v7, align 4
  %v9 = getelementptr inbounds float, ptr %to, i64 %v6
  store <16 x float> %v8, ptr %v9, align 4
  %v4 = add nuw nsw i64 %v3, 1
  br label %head2
done2:
  %v10 = mul i64 %v1, 16
  %v11 = sub i64 %n, %v10
  br label %head12
head12:
  %v13 = phi i64 [ 0, %done2 ], [ %v14, %body12 ]
  %v15 = icmp slt i64 %v13, %v11
  br i1 %v15, label %body12, label %done12
body12:
  %v16 = add i64 %v10, %v13
  %v17 = getelementptr inbounds float, ptr %from, i64 %v16
  %v18 = load float, ptr %v17, align 4
  %v19 = getelementptr inbounds float, ptr %to, i64 %v16
  store float %v18, ptr %v19, align 4
  %v14 = add nuw nsw i64 %v13, 1
  br label %head12
done12:
  ret void
}

define void @kernel(ptr noalias readonly %args, i32 %thread, i32 %threads) nounwind {
entry:
  %v1 = getelementptr inbounds i64, ptr %args, i64 0
  %v2 = load ptr, ptr %v1, align 8
  %v3 = getelementptr inbounds i64, ptr %args, i64 1
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i64, ptr %args, i64 2
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i64, ptr %args, i64 3
  %v8 = load ptr, ptr %v7, align 8
  %v9 = getelementptr inbounds i64, ptr %args, i64 4
  %v10 = load i64, ptr %v9, align 8
  %v11 = getelementptr inbounds i64, ptr %args, i64 5
  %v12 = load ptr, ptr %v11, align 8
  %v13 = getelementptr inbounds i64, ptr %args, i64 6
  %v14 = load i64, ptr %v13, align 8
  %v15 = getelementptr inbounds i64, ptr %args, i64 7
  %v16 = load ptr, ptr %v15, align 8
  %v17 = getelementptr inbounds i64, ptr %args, i64 8
  %v18 = load i64, ptr %v17, align 8
  %v19 = getelementptr inbounds i64, ptr %args, i64 9
  %v20 = load i64, ptr %v19, align 8
  %v21 = getelementptr inbounds i64, ptr %args, i64 10
  %v22 = load ptr, ptr %v21, align 8
  %v23 = getelementptr inbounds i64, ptr %args, i64 11
  %v24 = load i64, ptr %v23, align 8
  %v25 = getelementptr inbounds i64, ptr %args, i64 12
  %v26 = load i64, ptr %v25, align 8
  %v27 = getelementptr inbounds i64, ptr %args, i64 13
  %v28 = load ptr, ptr %v27, align 8
  %v29 = getelementptr inbounds i64, ptr %args, i64 14
  %v30 = load i64, ptr %v29, align 8
  %v31 = getelementptr inbounds i64, ptr %args, i64 15
  %v32 = load ptr, ptr %v31, align 8
  %v33 = getelementptr inbounds i64, ptr %args, i64 16
  %v34 = load ptr, ptr %v33, align 8
  %v35 = getelementptr inbounds i64, ptr %args, i64 17
  %v36 = load ptr, ptr %v35, align 8
  %v37 = getelementptr inbounds i64, ptr %args, i64 18
  %v38 = load ptr, ptr %v37, align 8
  %v39 = getelementptr inbounds i64, ptr %args, i64 19
  %v40 = load i64, ptr %v39, align 8
  %v41 = getelementptr inbounds i64, ptr %args, i64 20
  %v42 = load i64, ptr %v41, align 8
  %v43 = getelementptr inbounds i64, ptr %args, i64 21
  %v44 = load i64, ptr %v43, align 8
  %v45 = getelementptr inbounds i64, ptr %args, i64 22
  %v46 = load ptr, ptr %v45, align 8
  %v47 = getelementptr inbounds i64, ptr %args, i64 23
  %v48 = load i64, ptr %v47, align 8
  %v49 = getelementptr inbounds i64, ptr %args, i64 24
  %v50 = load i64, ptr %v49, align 8
  %v51 = getelementptr inbounds i64, ptr %args, i64 25
  %v52 = load i64, ptr %v51, align 8
  %v53 = getelementptr inbounds i64, ptr %args, i64 26
  %v54 = load ptr, ptr %v53, align 8
  %v55 = getelementptr inbounds i64, ptr %args, i64 27
  %v56 = load i64, ptr %v55, align 8
  %v57 = getelementptr inbounds i64, ptr %args, i64 28
  %v58 = load ptr, ptr %v57, align 8
  %v59 = getelementptr inbounds i64, ptr %args, i64 29
  %v60 = load ptr, ptr %v59, align 8
  %v61 = getelementptr inbounds i64, ptr %args, i64 30
  %v62 = load ptr, ptr %v61, align 8
  %v63 = getelementptr inbounds i64, ptr %args, i64 31
  %v64 = load ptr, ptr %v63, align 8
  %v65 = getelementptr inbounds i64, ptr %args, i64 32
  %v66 = load ptr, ptr %v65, align 8
  %v67 = getelementptr inbounds i64, ptr %args, i64 33
  %v68 = load ptr, ptr %v67, align 8
  %v69 = getelementptr inbounds i64, ptr %args, i64 34
  %v70 = load ptr, ptr %v69, align 8
  %v71 = getelementptr inbounds i64, ptr %args, i64 35
  %v72 = load ptr, ptr %v71, align 8
  %v73 = getelementptr inbounds i64, ptr %args, i64 36
  %v74 = load ptr, ptr %v73, align 8
  %v75 = getelementptr inbounds i64, ptr %args, i64 37
  %v76 = load ptr, ptr %v75, align 8
  %v77 = getelementptr inbounds i64, ptr %args, i64 38
  %v78 = load ptr, ptr %v77, align 8
  %v79 = getelementptr inbounds i64, ptr %args, i64 39
  %v80 = load ptr, ptr %v79, align 8
  %v81 = sext i32 %thread to i64
  %v82 = sext i32 %threads to i64
  %v83 = icmp ne i64 %v56, 0
  %v84 = select i1 %v83, i64 %v81, i64 0
  %v85 = select i1 %v83, i64 %v82, i64 1
  %v86 = icmp eq i64 %v84, 0
  %v87 = icmp sgt i64 %v85, 1
  %v88 = select i1 %v83, i64 0, i64 %v81
  %v89 = mul i64 %v84, 0
  %v90 = udiv i64 %v89, %v85
  %v91 = add i64 %v84, 1
  %v92 = mul i64 %v91, 0
  %v93 = udiv i64 %v92, %v85
  %v94 = udiv i64 %v84, %v85
  %v95 = add i64 %v84, 1
  %v96 = udiv i64 %v95, %v85
  %v97 = mul i64 %v84, 2
  %v98 = udiv i64 %v97, %v85
  %v99 = add i64 %v84, 1
  %v100 = mul i64 %v99, 2
  %v101 = udiv i64 %v100, %v85
  %v102 = mul i64 %v88, %v40
  %v103 = getelementptr inbounds float, ptr %v38, i64 %v102
  %v104 = mul i64 %v81, %v40
  %v105 = getelementptr inbounds float, ptr %v38, i64 %v104
  %v106 = alloca i64, align 8
  %v107 = alloca i64, align 8
  %v108 = alloca i64, align 8
  %v109 = alloca i64, align 8
  %v110 = alloca i64, align 8
  store i64 0, ptr %v109, align 8
  br label %next
next:
  %v111 = load i64, ptr %v109, align 8
  %v112 = add i64 %v111, 1
  store i64 %v112, ptr %v109, align 8
  store i64 %v111, ptr %v110, align 8
  %v113 = xor i1 %v83, true
  br i1 %v113, label %then114, label %end114
then114:
  %v115 = atomicrmw add ptr %v32, i64 1 monotonic
  store i64 %v115, ptr %v110, align 8
  br label %end114
end114:
  %v116 = load i64, ptr %v110, align 8
  %more = icmp slt i64 %v116, %v30
  br i1 %more, label %work, label %finished
work:
  %v117 = mul i64 %v116, 5
  %v118 = getelementptr inbounds i64, ptr %v28, i64 %v117
  %v119 = getelementptr inbounds i64, ptr %v118, i64 0
  %v120 = load i64, ptr %v119, align 8
  %v121 = getelementptr inbounds i64, ptr %v118, i64 1
  %v122 = load i64, ptr %v121, align 8
  %v123 = getelementptr inbounds i64, ptr %v118, i64 2
  %v124 = load i64, ptr %v123, align 8
  %v125 = getelementptr inbounds i64, ptr %v118, i64 3
  %v126 = load i64, ptr %v125, align 8
  %v127 = getelementptr inbounds i64, ptr %v118, i64 4
  %v128 = load i64, ptr %v127, align 8
  %v129 = icmp ne i64 %v44, 0
  %v130 = icmp ne ptr %v36, null
  %v131 = icmp eq i64 %v122, 1
  br i1 %v86, label %then132, label %end132
then132:
  br label %head133
head133:
  %v134 = phi i64 [ 0, %then132 ], [ %v135, %body133 ]
  %v136 = icmp slt i64 %v134, %v122
  br i1 %v136, label %body133, label %done133
body133:
  %v137 = add i64 %v120, %v134
  %v138 = getelementptr inbounds i64, ptr %v34, i64 %v137
  %v139 = load i64, ptr %v138, align 8
  %v140 = mul i64 %v134, 272
  %v141 = getelementptr inbounds float, ptr %v103, i64 %v140
  %v142 = mul i64 %v139, %v10
  %v143 = getelementptr inbounds float, ptr %v8, i64 %v142
  %v144 = getelementptr inbounds float, ptr %v141, i64 96
  call void @copy(ptr %v144, ptr %v143, i64 20)
  %v135 = add nuw nsw i64 %v134, 1
  br label %head133
done133:
  br label %end132
end132:
  br i1 %v87, label %then145, label %end145
then145:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end145
end145:
  %v146 = add i64 %v124, %v126
  %v147 = select i1 %v129, i64 %v146, i64 %v124
  store i64 %v147, ptr %v108, align 8
  br label %head148
head148:
  %v149 = phi i64 [ 0, %end145 ], [ %v150, %end495 ]
  %v151 = icmp slt i64 %v149, %v128
  br i1 %v151, label %body148, label %done148
body148:
  %v152 = sub i64 %v128, %v149
  %v153 = sub i64 %v152, 1
  %v154 = select i1 %v129, i64 %v153, i64 %v149
  %v155 = urem i64 %v149, 36
  %v156 = icmp eq i64 %v155, 0
  %v157 = and i1 %v156, %v131
  br i1 %v157, label %then158, label %end158
then158:
  %v159 = sub i64 %v128, %v149
  %v160 = icmp sgt i64 %v159, 36
  %v161 = select i1 %v160, i64 36, i64 %v159
  %v162 = sub i64 %v154, %v161
  %v163 = add i64 %v162, 1
  %v164 = select i1 %v129, i64 %v163, i64 %v154
  store i64 %v164, ptr %v106, align 8
  %v165 = getelementptr inbounds i64, ptr %v34, i64 %v120
  %v166 = load i64, ptr %v165, align 8
  %v167 = urem i64 %v161, 6
  %v168 = and i64 %v167, 1
  %v169 = icmp ugt i64 %v167, 1
  %v170 = zext i1 %v169 to i64
  %v171 = mul i64 %v168, %v170
  %v172 = sub i64 %v161, %v171
  %v173 = mul i64 %v166, %v6
  %v174 = getelementptr inbounds float, ptr %v2, i64 %v173
  %v175 = mul i64 0, 64
  %v176 = getelementptr inbounds float, ptr %v103, i64 1632
  %v177 = getelementptr inbounds float, ptr %v176, i64 %v175
  %v178 = mul i64 %v164, %v4
  %v179 = getelementptr inbounds float, ptr %v174, i64 %v178
  %v180 = mul i64 %v94, 4
  %v181 = mul i64 %v96, 4
  %v182 = icmp slt i64 %v181, 4
  %v183 = select i1 %v182, i64 %v181, i64 4
  %v184 = sub i64 %v183, %v180
  %v185 = mul i64 %v180, 48
  %v186 = getelementptr inbounds float, ptr %v68, i64 %v185
  %v187 = mul i64 %v180, 16
  %v188 = getelementptr inbounds float, ptr %v177, i64 %v187
  call void @gw_gemm(i64 %v172, ptr %v188, i64 64, ptr %v179, i64 %v4, ptr %v186, i64 3, i64 %v184, i1 0, i1 false)
  %v189 = icmp ne i64 %v171, 0
  br i1 %v189, label %then190, label %end190
then190:
  %v191 = mul i64 %v166, %v6
  %v192 = getelementptr inbounds float, ptr %v2, i64 %v191
  %v193 = mul i64 %v172, 64
  %v194 = getelementptr inbounds float, ptr %v103, i64 1632
  %v195 = getelementptr inbounds float, ptr %v194, i64 %v193
  %v196 = add i64 %v164, %v172
  %v197 = mul i64 %v196, %v4
  %v198 = getelementptr inbounds float, ptr %v192, i64 %v197
  %v199 = mul i64 %v94, 4
  %v200 = mul i64 %v96, 4
  %v201 = icmp slt i64 %v200, 4
  %v202 = select i1 %v201, i64 %v200, i64 4
  %v203 = sub i64 %v202, %v199
  %v204 = mul i64 %v199, 48
  %v205 = getelementptr inbounds float, ptr %v68, i64 %v204
  %v206 = mul i64 %v199, 16
  %v207 = getelementptr inbounds float, ptr %v195, i64 %v206
  call void @gw_gemm(i64 1, ptr %v207, i64 64, ptr %v198, i64 %v4, ptr %v205, i64 3, i64 %v203, i1 0, i1 false)
  br label %end190
end190:
  %v208 = mul i64 %v166, %v6
  %v209 = getelementptr inbounds float, ptr %v2, i64 %v208
  %v210 = mul i64 0, 32
  %v211 = getelementptr inbounds float, ptr %v103, i64 3936
  %v212 = getelementptr inbounds float, ptr %v211, i64 %v210
  %v213 = mul i64 %v164, %v4
  %v214 = getelementptr inbounds float, ptr %v209, i64 %v213
  %v215 = mul i64 %v94, 4
  %v216 = mul i64 %v96, 4
  %v217 = icmp slt i64 %v216, 2
  %v218 = select i1 %v217, i64 %v216, i64 2
  %v219 = sub i64 %v218, %v215
  %v220 = mul i64 %v215, 48
  %v221 = getelementptr inbounds float, ptr %v72, i64 %v220
  %v222 = mul i64 %v215, 16
  %v223 = getelementptr inbounds float, ptr %v212, i64 %v222
  call void @gw_gemm(i64 %v172, ptr %v223, i64 32, ptr %v214, i64 %v4, ptr %v221, i64 3, i64 %v219, i1 0, i1 false)
  %v224 = icmp ne i64 %v171, 0
  br i1 %v224, label %then225, label %end225
then225:
  %v226 = mul i64 %v166, %v6
  %v227 = getelementptr inbounds float, ptr %v2, i64 %v226
  %v228 = mul i64 %v172, 32
  %v229 = getelementptr inbounds float, ptr %v103, i64 3936
  %v230 = getelementptr inbounds float, ptr %v229, i64 %v228
  %v231 = add i64 %v164, %v172
  %v232 = mul i64 %v231, %v4
  %v233 = getelementptr inbounds float, ptr %v227, i64 %v232
  %v234 = mul i64 %v94, 4
  %v235 = mul i64 %v96, 4
  %v236 = icmp slt i64 %v235, 2
  %v237 = select i1 %v236, i64 %v235, i64 2
  %v238 = sub i64 %v237, %v234
  %v239 = mul i64 %v234, 48
  %v240 = getelementptr inbounds float, ptr %v72, i64 %v239
  %v241 = mul i64 %v234, 16
  %v242 = getelementptr inbounds float, ptr %v230, i64 %v241
  call void @gw_gemm(i64 1, ptr %v242, i64 32, ptr %v233, i64 %v4, ptr %v240, i64 3, i64 %v238, i1 0, i1 false)
  br label %end225
end225:
  br label %end158
end158:
  store i64 %v122, ptr %v107, align 8
  br i1 %v130, label %then243, label %end243
then243:
  store i64 0, ptr %v107, align 8
  br label %head244
head244:
  %v245 = phi i64 [ 0, %then243 ], [ %v246, %body244 ]
  %v247 = icmp slt i64 %v245, %v122
  br i1 %v247, label %body244, label %done244
body244:
  %v248 = add i64 %v120, %v245
  %v249 = getelementptr inbounds i64, ptr %v36, i64 %v248
  %v250 = load i64, ptr %v249, align 8
  %v251 = icmp sgt i64 %v250, %v154
  %v252 = load i64, ptr %v107, align 8
  %v253 = zext i1 %v251 to i64
  %v254 = add i64 %v252, %v253
  store i64 %v254, ptr %v107, align 8
  %v246 = add nuw nsw i64 %v245, 1
  br label %head244
done244:
  br label %end243
end243:
  %v255 = load i64, ptr %v107, align 8
  %v256 = load i64, ptr %v108, align 8
  %v257 = sub i64 %v256, %v255
  %v258 = select i1 %v129, i64 %v257, i64 %v256
  %v259 = add i64 %v256, %v255
  %v260 = select i1 %v129, i64 %v257, i64 %v259
  store i64 %v260, ptr %v108, align 8
  %v261 = add i64 %v154, %v52
  %v262 = icmp ne ptr %v46, null
  %v263 = icmp slt i64 %v261, %v26
  %v264 = and i1 %v262, %v263
  br i1 %v264, label %then265, label %end265
then265:
  store i64 %v122, ptr %v107, align 8
  br i1 %v130, label %then266, label %end266
then266:
  store i64 0, ptr %v107, align 8
  br label %head267
head267:
  %v268 = phi i64 [ 0, %then266 ], [ %v269, %body267 ]
  %v270 = icmp slt i64 %v268, %v122
  br i1 %v270, label %body267, label %done267
body267:
  %v271 = add i64 %v120, %v268
  %v272 = getelementptr inbounds i64, ptr %v36, i64 %v271
  %v273 = load i64, ptr %v272, align 8
  %v274 = icmp sgt i64 %v273, %v261
  %v275 = load i64, ptr %v107, align 8
  %v276 = zext i1 %v274 to i64
  %v277 = add i64 %v275, %v276
  store i64 %v277, ptr %v107, align 8
  %v269 = add nuw nsw i64 %v268, 1
  br label %head267
done267:
  br label %end266
end266:
  %v278 = load i64, ptr %v107, align 8
  br i1 %v87, label %then279, label %end279
then279:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end279
end279:
  br i1 %v86, label %then280, label %end280
then280:
  br label %head281
head281:
  %v282 = phi i64 [ 0, %then280 ], [ %v283, %end296 ]
  %v284 = icmp slt i64 %v282, %v278
  br i1 %v284, label %body281, label %done281
body281:
  %v285 = add i64 %v120, %v282
  %v286 = getelementptr inbounds i64, ptr %v34, i64 %v285
  %v287 = load i64, ptr %v286, align 8
  %v288 = mul i64 %v282, 272
  %v289 = getelementptr inbounds float, ptr %v103, i64 %v288
  %v290 = mul i64 %v261, %v48
  %v291 = mul i64 %v287, %v50
  %v292 = add i64 %v290, %v291
  %v293 = getelementptr inbounds i8, ptr %v46, i64 %v292
  %v294 = load i8, ptr %v293, align 1
  %v295 = icmp ne i8 %v294, 0
  br i1 %v295, label %then296, label %end296
then296:
  %v297 = mul i64 %v287, %v14
  %v298 = getelementptr inbounds float, ptr %v12, i64 %v297
  %v299 = getelementptr inbounds float, ptr %v289, i64 96
  call void @copy(ptr %v299, ptr %v298, i64 20)
  br label %end296
end296:
  %v283 = add nuw nsw i64 %v282, 1
  br label %head281
done281:
  br label %end280
end280:
  br i1 %v87, label %then300, label %end300
then300:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end300
end300:
  br label %end265
end265:
  br label %head301
head301:
  %v302 = phi i64 [ 0, %end265 ], [ %v303, %body301 ]
  %v304 = icmp slt i64 %v302, %v255
  br i1 %v304, label %body301, label %done301
body301:
  %v305 = add i64 %v120, %v302
  %v306 = getelementptr inbounds i64, ptr %v34, i64 %v305
  %v307 = load i64, ptr %v306, align 8
  %v308 = mul i64 %v302, 272
  %v309 = getelementptr inbounds float, ptr %v103, i64 %v308
  %v310 = mul i64 %v307, %v6
  %v311 = getelementptr inbounds float, ptr %v2, i64 %v310
  %v312 = mul i64 %v154, %v4
  %v313 = getelementptr inbounds float, ptr %v311, i64 %v312
  %v314 = getelementptr inbounds float, ptr %v309, i64 128
  call void @copy(ptr %v314, ptr %v313, i64 3)
  %v303 = add nuw nsw i64 %v302, 1
  br label %head301
done301:
  br label %head315
head315:
  %v316 = phi i64 [ 0, %done301 ], [ %v317, %done323 ]
  %v318 = icmp slt i64 %v316, %v255
  br i1 %v318, label %body315, label %done315
body315:
  %v319 = mul i64 %v316, 272
  %v320 = getelementptr inbounds float, ptr %v103, i64 %v319
  %v321 = add i64 %v258, %v316
  %v322 = sub i64 %v101, %v98
  br label %head323
head323:
  %v324 = phi i64 [ 0, %body315 ], [ %v325, %body323 ]
  %v326 = icmp slt i64 %v324, %v322
  br i1 %v326, label %body323, label %done323
body323:
  %v327 = add i64 %v98, %v324
  %v328 = mul i64 %v327, 16
  %v329 = getelementptr inbounds float, ptr %v320, i64 96
  %v330 = getelementptr inbounds float, ptr %v329, i64 %v328
  %v331 = load <16 x float>, ptr %v330, align 4
  %v332 = mul i64 %v321, 48
  %v333 = getelementptr inbounds float, ptr %v66, i64 %v332
  %v334 = getelementptr inbounds float, ptr %v333, i64 %v328
  store <16 x float> %v331, ptr %v334, align 4
  %v325 = add nuw nsw i64 %v324, 1
  br label %head323
done323:
  %v317 = add nuw nsw i64 %v316, 1
  br label %head315
done315:
  br i1 %v87, label %then335, label %end335
then335:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end335
end335:
  %v336 = getelementptr inbounds float, ptr %v103, i64 128
  br i1 %v131, label %then337, label %end337
then337:
  %v338 = load i64, ptr %v106, align 8
  %v339 = sub i64 %v154, %v338
  %v340 = mul i64 %v339, 64
  %v341 = getelementptr inbounds float, ptr %v103, i64 1632
  %v342 = getelementptr inbounds float, ptr %v341, i64 %v340
  %v343 = mul i64 %v94, 4
  %v344 = mul i64 %v96, 4
  %v345 = icmp slt i64 %v344, 4
  %v346 = select i1 %v345, i64 %v344, i64 4
  %v347 = sub i64 %v346, %v343
  %v348 = mul i64 %v343, 16
  %v349 = mul i64 %v347, 16
  %v350 = getelementptr inbounds float, ptr %v103, i64 %v348
  %v351 = getelementptr inbounds float, ptr %v342, i64 %v348
  call void @copy(ptr %v350, ptr %v351, i64 %v349)
  br label %end337
end337:
  %v352 = xor i1 %v131, true
  br i1 %v352, label %then353, label %end353
then353:
  %v354 = mul i64 %v94, 4
  %v355 = mul i64 %v96, 4
  %v356 = icmp slt i64 %v355, 4
  %v357 = select i1 %v356, i64 %v355, i64 4
  %v358 = sub i64 %v357, %v354
  %v359 = mul i64 %v354, 48
  %v360 = getelementptr inbounds float, ptr %v68, i64 %v359
  %v361 = mul i64 %v354, 16
  %v362 = getelementptr inbounds float, ptr %v103, i64 %v361
  call void @gw_gemm(i64 %v255, ptr %v362, i64 272, ptr %v336, i64 272, ptr %v360, i64 3, i64 %v358, i1 0, i1 false)
  br label %end353
end353:
  %v363 = getelementptr inbounds float, ptr %v103, i64 96
  %v364 = mul i64 %v94, 4
  %v365 = mul i64 %v96, 4
  %v366 = icmp slt i64 %v365, 4
  %v367 = select i1 %v366, i64 %v365, i64 4
  %v368 = sub i64 %v367, %v364
  %v369 = mul i64 %v364, 320
  %v370 = getelementptr inbounds float, ptr %v70, i64 %v369
  %v371 = mul i64 %v364, 16
  %v372 = getelementptr inbounds float, ptr %v103, i64 %v371
  call void @gw_gemm(i64 %v255, ptr %v372, i64 272, ptr %v363, i64 272, ptr %v370, i64 20, i64 %v368, i1 1, i1 false)
  br i1 %v87, label %then373, label %end373
then373:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end373
end373:
  br label %head374
head374:
  %v375 = phi i64 [ 0, %end373 ], [ %v376, %done382 ]
  %v377 = icmp slt i64 %v375, %v255
  br i1 %v377, label %body374, label %done374
body374:
  %v378 = mul i64 %v375, 272
  %v379 = getelementptr inbounds float, ptr %v103, i64 %v378
  %v380 = add i64 %v258, %v375
  %v381 = sub i64 %v101, %v98
  br label %head382
head382:
  %v383 = phi i64 [ 0, %body374 ], [ %v384, %body382 ]
  %v385 = icmp slt i64 %v383, %v381
  br i1 %v385, label %body382, label %done382
body382:
  %v386 = add i64 %v98, %v383
  %v387 = mul i64 %v386, 16
  %v388 = getelementptr inbounds float, ptr %v379, i64 %v387
  %v389 = load <16 x float>, ptr %v388, align 4
  %v390 = getelementptr inbounds float, ptr %v76, i64 %v387
  %v391 = load <16 x float>, ptr %v390, align 4
  %v392 = fadd contract <16 x float> %v389, %v391
  %v393 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v392)
  %v394 = getelementptr inbounds float, ptr %v379, i64 32
  %v395 = getelementptr inbounds float, ptr %v394, i64 %v387
  %v396 = load <16 x float>, ptr %v395, align 4
  %v397 = getelementptr inbounds float, ptr %v78, i64 %v387
  %v398 = load <16 x float>, ptr %v397, align 4
  %v399 = fadd contract <16 x float> %v396, %v398
  %v400 = call <16 x float> @gw.sigmoid.v16f32(<16 x float> %v399)
  %v401 = getelementptr inbounds float, ptr %v379, i64 96
  %v402 = getelementptr inbounds float, ptr %v401, i64 %v387
  %v403 = load <16 x float>, ptr %v402, align 4
  %v404 = fmul contract <16 x float> %v400, %v403
  %v405 = fmul contract <16 x float> %v393, %v403
  %v406 = fsub contract <16 x float> splat (float 0x3FF0000000000000), %v393
  %v407 = mul i64 %v380, 48
  %v408 = getelementptr inbounds float, ptr %v60, i64 %v407
  %v409 = getelementptr inbounds float, ptr %v408, i64 %v387
  store <16 x float> %v393, ptr %v409, align 4
  %v410 = mul i64 %v380, 48
  %v411 = getelementptr inbounds float, ptr %v62, i64 %v410
  %v412 = getelementptr inbounds float, ptr %v411, i64 %v387
  store <16 x float> %v400, ptr %v412, align 4
  %v413 = getelementptr inbounds float, ptr %v379, i64 144
  %v414 = getelementptr inbounds float, ptr %v413, i64 %v387
  store <16 x float> %v404, ptr %v414, align 4
  %v415 = getelementptr inbounds float, ptr %v379, i64 176
  %v416 = getelementptr inbounds float, ptr %v415, i64 %v387
  store <16 x float> %v405, ptr %v416, align 4
  %v417 = getelementptr inbounds float, ptr %v379, i64 208
  %v418 = getelementptr inbounds float, ptr %v417, i64 %v387
  store <16 x float> %v406, ptr %v418, align 4
  %v384 = add nuw nsw i64 %v383, 1
  br label %head382
done382:
  %v376 = add nuw nsw i64 %v375, 1
  br label %head374
done374:
  br i1 %v87, label %then419, label %end419
then419:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end419
end419:
  %v420 = getelementptr inbounds float, ptr %v103, i64 64
  %v421 = getelementptr inbounds float, ptr %v103, i64 128
  br i1 %v131, label %then422, label %end422
then422:
  %v423 = load i64, ptr %v106, align 8
  %v424 = sub i64 %v154, %v423
  %v425 = mul i64 %v424, 32
  %v426 = getelementptr inbounds float, ptr %v103, i64 3936
  %v427 = getelementptr inbounds float, ptr %v426, i64 %v425
  %v428 = mul i64 %v94, 4
  %v429 = mul i64 %v96, 4
  %v430 = icmp slt i64 %v429, 2
  %v431 = select i1 %v430, i64 %v429, i64 2
  %v432 = sub i64 %v431, %v428
  %v433 = mul i64 %v428, 16
  %v434 = mul i64 %v432, 16
  %v435 = getelementptr inbounds float, ptr %v420, i64 %v433
  %v436 = getelementptr inbounds float, ptr %v427, i64 %v433
  call void @copy(ptr %v435, ptr %v436, i64 %v434)
  br label %end422
end422:
  %v437 = xor i1 %v131, true
  br i1 %v437, label %then438, label %end438
then438:
  %v439 = mul i64 %v94, 4
  %v440 = mul i64 %v96, 4
  %v441 = icmp slt i64 %v440, 2
  %v442 = select i1 %v441, i64 %v440, i64 2
  %v443 = sub i64 %v442, %v439
  %v444 = mul i64 %v439, 48
  %v445 = getelementptr inbounds float, ptr %v72, i64 %v444
  %v446 = mul i64 %v439, 16
  %v447 = getelementptr inbounds float, ptr %v420, i64 %v446
  call void @gw_gemm(i64 %v255, ptr %v447, i64 272, ptr %v421, i64 272, ptr %v445, i64 3, i64 %v443, i1 0, i1 false)
  br label %end438
end438:
  %v448 = getelementptr inbounds float, ptr %v103, i64 64
  %v449 = getelementptr inbounds float, ptr %v103, i64 144
  %v450 = mul i64 %v94, 4
  %v451 = mul i64 %v96, 4
  %v452 = icmp slt i64 %v451, 2
  %v453 = select i1 %v452, i64 %v451, i64 2
  %v454 = sub i64 %v453, %v450
  %v455 = mul i64 %v450, 320
  %v456 = getelementptr inbounds float, ptr %v74, i64 %v455
  %v457 = mul i64 %v450, 16
  %v458 = getelementptr inbounds float, ptr %v448, i64 %v457
  call void @gw_gemm(i64 %v255, ptr %v458, i64 272, ptr %v449, i64 272, ptr %v456, i64 20, i64 %v454, i1 1, i1 false)
  br i1 %v87, label %then459, label %end459
then459:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end459
end459:
  br label %head460
head460:
  %v461 = phi i64 [ 0, %end459 ], [ %v462, %done468 ]
  %v463 = icmp slt i64 %v461, %v255
  br i1 %v463, label %body460, label %done460
body460:
  %v464 = mul i64 %v461, 272
  %v465 = getelementptr inbounds float, ptr %v103, i64 %v464
  %v466 = add i64 %v258, %v461
  %v467 = sub i64 %v101, %v98
  br label %head468
head468:
  %v469 = phi i64 [ 0, %body460 ], [ %v470, %body468 ]
  %v471 = icmp slt i64 %v469, %v467
  br i1 %v471, label %body468, label %done468
body468:
  %v472 = add i64 %v98, %v469
  %v473 = mul i64 %v472, 16
  %v474 = getelementptr inbounds float, ptr %v465, i64 64
  %v475 = getelementptr inbounds float, ptr %v474, i64 %v473
  %v476 = load <16 x float>, ptr %v475, align 4
  %v477 = getelementptr inbounds float, ptr %v80, i64 %v473
  %v478 = load <16 x float>, ptr %v477, align 4
  %v479 = fadd contract <16 x float> %v476, %v478
  %v480 = call <16 x float> @gw.tanh.v16f32(<16 x float> %v479)
  %v481 = getelementptr inbounds float, ptr %v465, i64 208
  %v482 = getelementptr inbounds float, ptr %v481, i64 %v473
  %v483 = load <16 x float>, ptr %v482, align 4
  %v484 = fmul contract <16 x float> %v483, %v480
  %v485 = getelementptr inbounds float, ptr %v465, i64 176
  %v486 = getelementptr inbounds float, ptr %v485, i64 %v473
  %v487 = load <16 x float>, ptr %v486, align 4
  %v488 = fadd contract <16 x float> %v487, %v484
  %v489 = mul i64 %v466, 48
  %v490 = getelementptr inbounds float, ptr %v64, i64 %v489
  %v491 = getelementptr inbounds float, ptr %v490, i64 %v473
  store <16 x float> %v480, ptr %v491, align 4
  %v492 = getelementptr inbounds float, ptr %v465, i64 96
  %v493 = getelementptr inbounds float, ptr %v492, i64 %v473
  store <16 x float> %v488, ptr %v493, align 4
  %v470 = add nuw nsw i64 %v469, 1
  br label %head468
done468:
  %v462 = add nuw nsw i64 %v461, 1
  br label %head460
done460:
  br i1 %v87, label %then494, label %end494
then494:
  call void @gw.barrier(ptr %v58, i32 %threads)
  br label %end494
end494:
  br i1 %v86, label %then495, label %end495
then495:
  br label %head496
head496:
  %v497 = phi i64 [ 0, %then495 ], [ %v498, %body496 ]
  %v499 = icmp slt i64 %v497, %v255
  br i1 %v499, label %body496, label %done496
body496:
  %v500 = add i64 %v120, %v497
  %v501 = getelementptr inbounds i64, ptr %v34, i64 %v500
  %v502 = load i64, ptr %v501, align 8
  %v503 = mul i64 %v497, 272
  %v504 = getelementptr inbounds float, ptr %v103, i64 %v503
  %v505 = mul i64 %v502, %v20
  %v506 = getelementptr inbounds float, ptr %v16, i64 %v505
  %v507 = mul i64 %v154, %v18
  %v508 = getelementptr inbounds float, ptr %v506, i64 %v507
  %v509 = getelementptr inbounds float, ptr %v504, i64 96
  call void @copy(ptr %v508, ptr %v509, i64 20)
  %v498 = add nuw nsw i64 %v497, 1
  br label %head496
done496:
  br label %end495
end495:
  %v150 = add nuw nsw i64 %v149, 1
  br label %head148
done148:
  br i1 %v86, label %then510, label %end510
then510:
  br label %head511
head511:
  %v512 = phi i64 [ 0, %then510 ], [ %v513, %body511 ]
  %v514 = icmp slt i64 %v512, %v122
  br i1 %v514, label %body511, label %done511
body511:
  %v515 = add i64 %v120, %v512
  %v516 = getelementptr inbounds i64, ptr %v34, i64 %v515
  %v517 = load i64, ptr %v516, align 8
  %v518 = mul i64 %v512, 272
  %v519 = getelementptr inbounds float, ptr %v103, i64 %v518
  %v520 = mul i64 %v517, %v24
  %v521 = getelementptr inbounds float, ptr %v22, i64 %v520
  %v522 = getelementptr inbounds float, ptr %v519, i64 96
  call void @copy(ptr %v521, ptr %v522, i64 20)
  %v513 = add nuw nsw i64 %v512, 1
  br label %head511
done511:
  br label %end510
end510:
  br label %next
finished:
  ret void
}

define internal <16 x float> @gw.sigmoid.v16f32(<16 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <16 x float> splat (float 0xC05601E680000000), %x
  %v1 = select <16 x i1> %v0, <16 x float> splat (float 0xC05601E680000000), <16 x float> %x
  %v2 = fcmp olt <16 x float> splat (float 0x403419ECC0000000), %v1
  %v3 = select <16 x i1> %v2, <16 x float> splat (float 0x403419ECC0000000), <16 x float> %v1
  %v4 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v3, <16 x float> splat (float 0x3FF7154760000000), <16 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <16 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0xBFE6300000000000), <16 x float> %v3)
  %v7 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0x3F2BD01060000000), <16 x float> %v6)
  %v8 = fmul <16 x float> %v7, %v7
  %v9 = fmul <16 x float> %v7, %v8
  %v10 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> splat (float 0x3F80C813A0000000), <16 x float> %v8, <16 x float> splat (float 0xBFB554FEE0000000))
  %v11 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v9, <16 x float> %v10, <16 x float> %v7)
  %v12 = bitcast <16 x float> %v4 to <16 x i32>
  %v13 = shl <16 x i32> %v12, splat (i32 23)
  %v14 = bitcast <16 x i32> %v13 to <16 x float>
  %v15 = fadd <16 x float> %v11, splat (float 0x4000000000000000)
  %v16 = fmul <16 x float> %v14, %v15
  %v17 = fsub <16 x float> splat (float 0x4000000000000000), %v11
  %v18 = fadd <16 x float> %v16, %v17
  %v19 = fdiv <16 x float> %v16, %v18
  ret <16 x float> %v19
}

define internal <16 x float> @gw.tanh.v16f32(<16 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <16 x float> splat (float 0xC02419ECC0000000), %x
  %v1 = select <16 x i1> %v0, <16 x float> splat (float 0xC02419ECC0000000), <16 x float> %x
  %v2 = fcmp olt <16 x float> splat (float 0x402419ECC0000000), %v1
  %v3 = select <16 x i1> %v2, <16 x float> splat (float 0x402419ECC0000000), <16 x float> %v1
  %v4 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v3, <16 x float> splat (float 0x4007154760000000), <16 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <16 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v5, <16 x float> splat (float 0xBFD62E4300000000), <16 x float> %v3)
  %v7 = fmul <16 x float> %v6, %v6
  %v8 = fmul <16 x float> %v6, %v7
  %v9 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> splat (float 0x3FC0C813A0000000), <16 x float> %v7, <16 x float> splat (float 0xBFD554FEE0000000))
  %v10 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v8, <16 x float> %v9, <16 x float> %v6)
  %v11 = bitcast <16 x float> %v4 to <16 x i32>
  %v12 = shl <16 x i32> %v11, splat (i32 23)
  %v13 = bitcast <16 x i32> %v12 to <16 x float>
  %v14 = fadd <16 x float> %v13, splat (float 0x3FF0000000000000)
  %v15 = fsub <16 x float> %v13, splat (float 0x3FF0000000000000)
  %v16 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v14, <16 x float> %v10, <16 x float> %v15)
  %v17 = call <16 x float> @llvm.fmuladd.v16f32(<16 x float> %v15, <16 x float> %v10, <16 x float> %v14)
  %v18 = fdiv <16 x float> %v16, %v17
  ret <16 x float> %v18
}

